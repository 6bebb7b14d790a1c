package dev.daybook.journal;

import dev.daybook.stream.Kind;
import dev.daybook.stream.StreamConfig;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one stream: a fold of its lines.
 *
 * <p>A head whose incarnation is 0 is <em>partial</em>: it folds only some lines of a stream that began earlier, and is joined to
 * what was known before by {@link #then}. So segments can be folded in any order and on several threads. Whoever folds owns the
 * head; a head that was handed to others is a {@link #copy} and never changes.
 */
final class Head {
    static final int PRODUCERS_MAX = 1_024;
    private static final Producer[] NO_PRODUCERS = {};

    /** The last append of one sender: where it went, so that the same one sent again can be answered. */
    record Producer(String id, long epoch, long seq, long eventSeq, int count, long pos) {}

    final Name name;
    long incarnation;
    Kind kind = Kind.STREAM;
    String contentType = "";
    long createdMicros;
    long ttlSeconds = -1;
    long expiresMicros = Long.MIN_VALUE;
    boolean closed;
    boolean deleted;
    long firstSeq;
    long lastSeq;
    long bytesAppended; // of payloads, ever, in this incarnation
    long bytesRemoved;
    long lastPos; // of the last event
    long linePos; // of the last line of any kind
    long lastMicros;
    long lastIdSeq; // the newest event that carries an id
    long startedSeq; // the newest event whose state is that the run started

    /** The newest one; null while no event had one. */
    @Nullable
    StreamState state;

    @Nullable
    String order;

    Producer[] producers = NO_PRODUCERS;

    // Where the batch being folded began; only the folding thread looks.
    private long batchPos;
    private long batchFirstSeq;

    Head(Name name) {
        this.name = name;
    }

    Head copy() {
        Head h = new Head(name);
        h.incarnation = incarnation;
        h.kind = kind;
        h.contentType = contentType;
        h.createdMicros = createdMicros;
        h.ttlSeconds = ttlSeconds;
        h.expiresMicros = expiresMicros;
        h.closed = closed;
        h.deleted = deleted;
        h.firstSeq = firstSeq;
        h.lastSeq = lastSeq;
        h.bytesAppended = bytesAppended;
        h.bytesRemoved = bytesRemoved;
        h.lastPos = lastPos;
        h.linePos = linePos;
        h.lastMicros = lastMicros;
        h.lastIdSeq = lastIdSeq;
        h.startedSeq = startedSeq;
        h.state = state;
        h.order = order;
        h.producers = producers; // replaced, never changed in place
        h.batchPos = batchPos;
        h.batchFirstSeq = batchFirstSeq;
        return h;
    }

    StreamConfig config() {
        return new StreamConfig(
                contentType,
                ttlSeconds < 0 ? null : Duration.ofSeconds(ttlSeconds),
                expiresMicros == Long.MIN_VALUE ? null : dev.daybook.internal.time.Timestamps.instant(expiresMicros));
    }

    long count() {
        return lastSeq - firstSeq + 1;
    }

    /** Folds one event. */
    void event(long pos, long seq, int rawBytes, long micros, boolean hasId, int batchIndex) {
        if (batchPos != pos - batchIndex + 1) {
            batchPos = pos - batchIndex + 1;
            batchFirstSeq = seq;
        }
        lastSeq = seq;
        bytesAppended += rawBytes;
        lastPos = pos;
        linePos = pos;
        lastMicros = micros;
        if (hasId) {
            lastIdSeq = seq;
        }
    }

    void create(long pos, Kind ofKind, StreamConfig config, long micros) {
        incarnation = pos;
        linePos = pos;
        kind = ofKind;
        contentType = config.contentType();
        Duration ttl = config.ttl();
        ttlSeconds = ttl == null ? -1 : ttl.toSeconds();
        expiresMicros = config.expires() == null
                ? Long.MIN_VALUE
                : dev.daybook.internal.time.Timestamps.micros(config.expires());
        createdMicros = micros;
        closed = false;
        deleted = false;
        firstSeq = 1;
        lastSeq = 0;
        bytesAppended = 0;
        bytesRemoved = 0;
        lastPos = 0;
        lastMicros = 0;
        lastIdSeq = 0;
        startedSeq = 0;
        state = null;
        order = null;
        producers = NO_PRODUCERS;
    }

    void truncate(long pos, long before, long bytes) {
        linePos = pos;
        firstSeq = Math.max(firstSeq, before);
        bytesRemoved += bytes;
        if (PlantedBug.active(PlantedBug.REUSE_SEQ) && firstSeq > lastSeq) {
            lastSeq = 0;
            firstSeq = 1;
        }
    }

    void close(long pos) {
        linePos = pos;
        closed = true;
    }

    void delete(long pos) {
        linePos = pos;
        deleted = true;
    }

    /** Notes the state that stands on the line just folded. */
    void state(StreamState now) {
        state = now;
        if (now.word().equals(StreamState.STARTED)) {
            startedSeq = now.seq();
        }
    }

    /** Whether it is a run with something left to do. */
    boolean running() {
        return state != null && !deleted && state.running();
    }

    /** Whether it is a document that has a value: its newest event did not delete it. */
    boolean hasValue() {
        return lastSeq > 0 && (state == null || state.seq() != lastSeq);
    }

    /** Notes the tuple that stands on the line just folded. */
    void producer(String id, long epoch, long seq, long pos, int batchIndex) {
        boolean withEvents = batchPos == pos - batchIndex + 1;
        int count = withEvents ? (int) (lastSeq - batchFirstSeq + 1) : 0;
        Producer[] changed = producers;
        int i = find(id);
        if (i < 0) {
            changed = Arrays.copyOf(producers, producers.length + 1);
            i = producers.length;
        } else {
            changed = producers.clone();
        }
        changed[i] = new Producer(id, epoch, seq, lastSeq, count, pos);
        producers = changed;
    }

    private int find(String id) {
        for (int i = 0; i < producers.length; i++) {
            if (producers[i].id.equals(id)) {
                return i;
            }
        }
        return -1;
    }

    @Nullable
    Producer producer(String id) {
        int i = find(id);
        return i < 0 ? null : producers[i];
    }

    /** Folds one parsed line. */
    void fold(Line line) {
        if (line.shape == Line.Shape.EVENT) {
            event(line.pos, line.seq, line.rawBytes(), line.timeMicros(), line.idTo != line.idFrom, line.batchIndex);
            if (line.stateTo != line.stateFrom) {
                state(StreamState.parse(line.bytes, line.stateFrom, line.stateTo, line.seq, line.pos));
            }
        } else {
            switch (line.control) {
                case "create" -> create(line.pos, kindOf(line), configOf(line), line.timeMicros());
                case "close" -> close(line.pos);
                case "truncate" -> truncate(line.pos, line.controlNumber("before"), line.controlNumber("bytes"));
                case "delete", "expire" -> delete(line.pos);
                default -> linePos = line.pos;
            }
        }
        if (line.producerTo != line.producerFrom) {
            String id = line.string(line.producerFrom, line.producerTo);
            producer(id, line.producerEpoch, line.producerSeq, line.pos, line.batchIndex);
        }
        if (line.orderTo != line.orderFrom) {
            order = line.string(line.orderFrom, line.orderTo);
        }
    }

    private static Kind kindOf(Line line) {
        String text = line.controlString("kind");
        for (Kind kind : Kind.values()) {
            if (kind.text().equals(text)) {
                return kind;
            }
        }
        throw new Line.MalformedLineException("unknown kind " + text);
    }

    private static StreamConfig configOf(Line line) {
        String type = line.controlString("contentType");
        String ttl = line.controlField("ttl");
        String expires = line.controlString("expires");
        return new StreamConfig(
                type == null ? "application/json" : type,
                ttl == null ? null : Duration.ofSeconds(Long.parseLong(ttl)),
                expires == null
                        ? null
                        : dev.daybook.internal.time.Timestamps.instant(
                                dev.daybook.internal.time.Timestamps.parse(expires)));
    }

    /** What is known after these lines and then the lines of a later head of the same name. */
    Head then(Head later) {
        if (later.incarnation != 0) {
            return later;
        }
        Head h = copy();
        if (later.lastSeq != 0) {
            h.lastSeq = later.lastSeq;
            h.lastPos = later.lastPos;
            h.lastMicros = later.lastMicros;
        }
        h.linePos = Math.max(h.linePos, later.linePos);
        h.bytesAppended += later.bytesAppended;
        h.bytesRemoved += later.bytesRemoved;
        h.firstSeq = Math.max(h.firstSeq, later.firstSeq);
        h.closed |= later.closed;
        h.deleted |= later.deleted;
        if (later.lastIdSeq != 0) {
            h.lastIdSeq = later.lastIdSeq;
        }
        if (later.startedSeq != 0) {
            h.startedSeq = later.startedSeq;
        }
        if (later.state != null) {
            h.state = later.state;
        }
        if (later.order != null) {
            h.order = later.order;
        }
        for (Producer p : later.producers) {
            int i = h.find(p.id);
            Producer[] changed = i < 0 ? Arrays.copyOf(h.producers, h.producers.length + 1) : h.producers.clone();
            changed[i < 0 ? changed.length - 1 : i] = p;
            h.producers = changed;
        }
        h.batchPos = later.batchPos;
        h.batchFirstSeq = later.batchFirstSeq;
        return h;
    }

    /** Writes everything but the name. */
    void write(Bytes out) {
        out.varint((closed ? 1 : 0)
                | (deleted ? 2 : 0)
                | (order != null ? 4 : 0)
                | (state != null ? 8 : 0)
                | kind.code() << 4);
        if (state != null) { // first, so that it can be read without the rest
            out.bytes(state.json());
            out.varint(state.seq());
            out.varint(state.pos());
            out.varint(startedSeq);
        }
        out.varint(incarnation);
        out.text(contentType);
        out.varint(createdMicros);
        out.varint(ttlSeconds + 1);
        out.varint(expiresMicros == Long.MIN_VALUE ? 0 : 1);
        if (expiresMicros != Long.MIN_VALUE) {
            out.varint(expiresMicros);
        }
        out.varint(firstSeq);
        out.varint(lastSeq);
        out.varint(bytesAppended);
        out.varint(bytesRemoved);
        out.varint(lastPos);
        out.varint(linePos);
        out.varint(lastMicros);
        out.varint(lastIdSeq);
        if (order != null) {
            out.text(order);
        }
        out.varint(producers.length);
        Producer[] sorted = producers.clone(); // whatever order they were folded in
        Arrays.sort(sorted, java.util.Comparator.comparing(Producer::id));
        for (Producer p : sorted) {
            out.text(p.id);
            out.varint(p.epoch);
            out.varint(p.seq);
            out.varint(p.eventSeq);
            out.varint(p.count);
            out.varint(p.pos);
        }
    }

    private static StreamState state(ByteBuffer in) {
        byte[] json = Bytes.raw(in);
        return StreamState.parse(json, 0, json.length, Bytes.varint(in), Bytes.varint(in));
    }

    /** The state alone, of a head that has one. */
    static StreamState readState(ByteBuffer in) {
        Bytes.varint(in);
        return state(in);
    }

    static Head read(Name name, ByteBuffer in) {
        Head h = new Head(name);
        int flags = (int) Bytes.varint(in);
        h.closed = (flags & 1) != 0;
        h.deleted = (flags & 2) != 0;
        h.kind = Kind.of(flags >> 4);
        if ((flags & 8) != 0) {
            h.state = state(in);
            h.startedSeq = Bytes.varint(in);
        }
        h.incarnation = Bytes.varint(in);
        h.contentType = Bytes.text(in);
        h.createdMicros = Bytes.varint(in);
        h.ttlSeconds = Bytes.varint(in) - 1;
        if (Bytes.varint(in) != 0) {
            h.expiresMicros = Bytes.varint(in);
        }
        h.firstSeq = Bytes.varint(in);
        h.lastSeq = Bytes.varint(in);
        h.bytesAppended = Bytes.varint(in);
        h.bytesRemoved = Bytes.varint(in);
        h.lastPos = Bytes.varint(in);
        h.linePos = Bytes.varint(in);
        h.lastMicros = Bytes.varint(in);
        h.lastIdSeq = Bytes.varint(in);
        if ((flags & 4) != 0) {
            h.order = Bytes.text(in);
        }
        int n = (int) Bytes.varint(in);
        if (n > 0) {
            h.producers = new Producer[n];
            for (int i = 0; i < n; i++) {
                h.producers[i] = new Producer(
                        Bytes.text(in),
                        Bytes.varint(in),
                        Bytes.varint(in),
                        Bytes.varint(in),
                        (int) Bytes.varint(in),
                        Bytes.varint(in));
            }
        }
        return h;
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%s@%d %d..%d", name, incarnation, firstSeq, lastSeq);
    }

    /** A growing row of bytes for derived files; varints are zig-zag free 64-bit groups of seven bits. */
    static final class Bytes {
        byte[] array = new byte[1 << 12];
        int length;

        void room(int more) {
            if (length + more > array.length) {
                array = Arrays.copyOf(array, Math.max(array.length * 2, length + more));
            }
        }

        void varint(long value) {
            room(10);
            long rest = value;
            while ((rest & ~0x7fL) != 0) {
                array[length++] = (byte) (rest | 0x80);
                rest >>>= 7;
            }
            array[length++] = (byte) rest;
        }

        void text(String text) {
            bytes(text.getBytes(StandardCharsets.UTF_8));
        }

        void bytes(byte[] bytes) {
            varint(bytes.length);
            room(bytes.length);
            System.arraycopy(bytes, 0, array, length, bytes.length);
            length += bytes.length;
        }

        static long varint(ByteBuffer in) {
            long value = 0;
            for (int shift = 0; ; shift += 7) {
                byte b = in.get();
                value |= (b & 0x7fL) << shift;
                if (b >= 0) {
                    return value;
                }
            }
        }

        static String text(ByteBuffer in) {
            return new String(raw(in), StandardCharsets.UTF_8);
        }

        static byte[] raw(ByteBuffer in) {
            byte[] bytes = new byte[(int) varint(in)];
            in.get(bytes);
            return bytes;
        }
    }
}
