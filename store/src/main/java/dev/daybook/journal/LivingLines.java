package dev.daybook.journal;

import dev.daybook.RefusedException;
import dev.daybook.internal.json.JsonSink;
import dev.daybook.internal.time.Timestamps;
import dev.daybook.stream.AppendOptions;
import dev.daybook.stream.Appended;
import dev.daybook.stream.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Copies the events of some journal lines, those that are still there after all of them, into another journal. The lines are shown twice: first to
 * learn what became of each stream, then to copy.
 */
final class LivingLines {
    private static final int CHUNK_EVENTS = 1_000;
    private static final long CHUNK_BYTES = 8 << 20;

    private final Map<Name, Head> heads = new HashMap<>();
    private final Map<Name, Long> sent = new HashMap<>(); // appends per stream, for the producer's sequence
    private final String prefix;
    private final @Nullable String producer; // null: not idempotent
    private final Map<Name, List<Fragment>> chunk = new LinkedHashMap<>();
    private final List<CompletableFuture<Appended>> verbatim = new ArrayList<>(); // under way
    private int chunkEvents;
    private long chunkBytes;
    long events;
    long duplicates;

    LivingLines(String prefix, @Nullable String producer) {
        this.prefix = prefix.isEmpty() ? "" : prefix + "/";
        this.producer = producer;
    }

    /** First showing. */
    void learn(Line line) {
        if (line.streamTo == line.streamFrom) {
            return;
        }
        Name name = line.name();
        Head head = heads.get(name);
        if (head == null) {
            head = new Head(name);
            heads.put(name, head);
        }
        head.fold(line);
    }

    long streams() {
        return heads.values().stream().filter(h -> !h.deleted).count();
    }

    /** Second showing. */
    void copy(Line line, Journal into) {
        if (line.streamTo == line.streamFrom) {
            return;
        }
        Head head = heads.get(line.name());
        if (head == null || head.deleted || line.pos < head.incarnation) {
            return;
        }
        if (line.shape == Line.Shape.EVENT) {
            if (line.seq >= head.firstSeq) {
                if (kind(head) != Kind.STREAM) {
                    copyVerbatim(head, line, into);
                } else {
                    add(head, fragment(line), into);
                }
            }
        } else if (line.control.equals(Controls.CREATE)) {
            flush(into);
            into.append(List.of(Op.create(target(head.name), kind(head), head.config())));
        }
    }

    /** Runs, documents and logs stay what they are, but below a prefix, where they are streams that say what happened elsewhere. */
    private Kind kind(Head head) {
        return prefix.isEmpty() ? head.kind : Kind.STREAM;
    }

    /** Refuses what only its own API may write. */
    void requirePlainStreams() {
        for (Head head : heads.values()) {
            if (!head.deleted && kind(head) != Kind.STREAM) {
                throw new RefusedException(
                        head.name.toString(),
                        RefusedException.Reason.WRONG_KIND,
                        "it is of kind " + head.kind.text()
                                + ": import the export below a prefix, or restore it to a store of its own");
            }
        }
    }

    /** With the state and the tuple that stand in the line, which nobody but the store itself can say. */
    private void copyVerbatim(Head head, Line line, Journal into) {
        StreamState state = line.stateTo == line.stateFrom
                ? null
                : StreamState.parse(line.bytes, line.stateFrom, line.stateTo, 0, 0);
        AppendOptions tuple = line.producerTo == line.producerFrom
                ? null
                : AppendOptions.from(
                        line.string(line.producerFrom, line.producerTo), line.producerEpoch, line.producerSeq);
        Op op = Op.append(head.name, head.kind, List.of(fragment(line)), AppendOptions.none())
                .with(new Rule.Copy(state, tuple));
        flush(into);
        verbatim.add(into.appendAsync(op));
        if (verbatim.size() >= CHUNK_EVENTS) {
            awaitVerbatim();
        }
    }

    private void awaitVerbatim() {
        for (CompletableFuture<Appended> copied : verbatim) {
            copied.join();
            events++;
        }
        verbatim.clear();
    }

    private Name target(Name name) {
        return prefix.isEmpty() ? name : Name.of(prefix + name);
    }

    /** The line's event, byte for byte, with its commit time as its time if its caller gave none. */
    private static Fragment fragment(Line line) {
        int from = line.typeFrom - 7; // "type":
        int to = Math.max(Math.max(line.typeTo, line.sourceTo), Math.max(line.subjectTo, line.idTo));
        JsonSink attributes = new JsonSink(to - from + 64).put(Arrays.copyOfRange(line.bytes, from, to));
        String occurred =
                Timestamps.format(line.occurredAt == 0 ? line.timeMicros() : Line.time(line.bytes, line.occurredAt));
        attributes.ascii(",\"occurred\":\"").ascii(occurred).ascii("\"");
        int keyLength = switch (line.payloadKey) {
            case 'd', 't' -> 8; // ,"data": ,"text":
            default -> 10; // ,"base64":
        };
        return new Fragment(
                attributes.toByteArray(),
                Arrays.copyOfRange(line.bytes, line.payloadFrom - keyLength, line.payloadFrom),
                Arrays.copyOfRange(line.bytes, line.payloadFrom, line.payloadTo),
                new byte[0],
                line.form(),
                line.idTo == line.idFrom ? null : line.string(line.idFrom, line.idTo),
                line.rawBytes());
    }

    private void add(Head head, Fragment event, Journal into) {
        if (chunkEvents >= CHUNK_EVENTS || chunkBytes + event.bytes() > CHUNK_BYTES) {
            flush(into);
        }
        chunk.computeIfAbsent(head.name, n -> new ArrayList<>()).add(event);
        chunkEvents++;
        chunkBytes += event.bytes();
    }

    private void flush(Journal into) {
        if (chunk.isEmpty()) {
            return;
        }
        List<Op> ops = new ArrayList<>();
        for (Map.Entry<Name, List<Fragment>> part : chunk.entrySet()) {
            AppendOptions options = AppendOptions.none();
            if (producer != null) {
                long seq = sent.merge(part.getKey(), 1L, Long::sum) - 1;
                options = options.producer(producer, 0, seq);
            }
            ops.add(Op.append(target(part.getKey()), Kind.STREAM, part.getValue(), options));
        }
        boolean duplicate = into.append(ops).get(0).duplicate();
        if (duplicate) {
            duplicates += chunkEvents;
        } else {
            events += chunkEvents;
        }
        chunk.clear();
        chunkEvents = 0;
        chunkBytes = 0;
    }

    /** After the second showing: what is left, and the closings. */
    void finish(Journal into) {
        flush(into);
        awaitVerbatim();
        for (Head head : heads.values()) {
            if (head.closed && !head.deleted) {
                into.append(List.of(Op.append(
                        target(head.name),
                        kind(head),
                        List.of(),
                        AppendOptions.none().close())));
            }
        }
    }
}
