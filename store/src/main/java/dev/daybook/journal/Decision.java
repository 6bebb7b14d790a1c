package dev.daybook.journal;

import dev.daybook.ConflictException;
import dev.daybook.ConflictException.Subject;
import dev.daybook.DaybookException;
import dev.daybook.RefusedException;
import dev.daybook.StreamNotFoundException;
import dev.daybook.internal.time.Timestamps;
import dev.daybook.journal.HeadTable.Totals;
import dev.daybook.stream.AppendOptions;
import dev.daybook.stream.Appended;
import dev.daybook.stream.Kind;
import dev.daybook.stream.PayloadForm;
import dev.daybook.stream.StreamConfig;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides appends, one after the other, against the heads as they will be once the appends before are durable, and encodes what it
 * accepts. First every condition of every stream is checked, then everything is applied: a refused append leaves no trace (I4).
 * Used by the commit thread alone.
 */
final class Decision {
    private static final int WINDOW_IDS_MAX = 1 << 20;
    private static final int WINDOWS_MAX = 1 << 10;

    private final Journal journal;
    private final Heads heads;
    private final Running running;
    private final Rules rules;

    private GroupBuffer buffer;
    private SegmentTable table;
    private long segment;
    private int baseOffset;
    private long micros;
    private Instant time = Instant.EPOCH;
    private List<StreamCell> group;
    private long pos;
    private Totals totals = Totals.NONE;
    private @Nullable Verdict verdict; // on what was checked last; null for plain streams

    /** Cells with id windows, oldest first, so that their memory stays bounded. */
    private final Deque<StreamCell> windows = new ArrayDeque<>();

    @SuppressWarnings("NullAway.Init") // begin() comes first
    Decision(Journal journal, Heads heads, Running running) {
        this.journal = journal;
        this.heads = heads;
        this.running = running;
        this.rules = new Rules(running);
    }

    void begin(
            GroupBuffer into,
            SegmentTable index,
            long segmentFirst,
            int offset,
            long timeMicros,
            List<StreamCell> touched) {
        buffer = into;
        table = index;
        segment = segmentFirst;
        baseOffset = offset;
        if (timeMicros != micros) {
            micros = timeMicros;
            time = Timestamps.instant(timeMicros);
        }
        group = touched;
    }

    long nextPos() {
        return pos;
    }

    Totals totals() {
        return totals;
    }

    /** Decides one append. Throws what refuses it. */
    List<Appended> decide(List<Op> ops, long nextPos, Totals before) {
        pos = nextPos;
        totals = before;
        Op evicted = rules.evicted(ops);
        if (evicted != null) {
            List<Op> all = new ArrayList<>(ops);
            all.add(evicted);
            return decideAll(all).subList(0, ops.size());
        }
        if (ops.size() == 1) { // by far the most frequent
            Op op = ops.get(0);
            StreamCell cell = heads.cell(op.name());
            Appended known;
            try {
                known = check(op, cell);
            } catch (DaybookException e) {
                heads.forget(cell);
                throw e;
            }
            if (known != null) {
                heads.forget(cell);
                return List.of(known);
            }
            int lines = lines(op, cell);
            return List.of(apply(op, cell, verdict, 1, lines));
        }
        return decideAll(ops);
    }

    private List<Appended> decideAll(List<Op> ops) {
        long before = pos;
        try {
            return decideTogether(ops);
        } finally {
            if (pos == before) {
                ops.forEach(op -> heads.forget(heads.cell(op.name()))); // they were made only to look
            }
        }
    }

    private List<Appended> decideTogether(List<Op> ops) {
        List<Appended> results = new ArrayList<>(ops.size());
        @Nullable Verdict[] verdicts = new Verdict[ops.size()];
        int lines = 0;
        int duplicates = 0;
        int changes = 0;
        for (Op op : ops) {
            StreamCell cell = heads.cell(op.name());
            Appended known = check(op, cell);
            verdicts[results.size()] = verdict;
            results.add(known);
            if (known == null) {
                lines += lines(op, cell);
                changes++;
            } else if (known.duplicate()) {
                duplicates++;
            }
        }
        if (duplicates > 0 && changes > 0) {
            throw new ConflictException(
                    ops.get(0).name().toString(),
                    Subject.EVENT_ID,
                    "all or none of the batch stored before",
                    duplicates + " of its " + ops.size() + " streams have it");
        }
        int index = 1;
        for (int i = 0; i < ops.size(); i++) {
            if (results.get(i) == null) {
                Op op = ops.get(i);
                StreamCell cell = heads.cell(op.name());
                int own = lines(op, cell);
                results.set(i, apply(op, cell, verdicts[i], index, lines));
                index += own;
            }
        }
        return results;
    }

    private static @Nullable Head alive(StreamCell cell) {
        return StreamCell.alive(cell.working);
    }

    /** Whether a create record is needed. */
    private static boolean creates(Op op, StreamCell cell) {
        return alive(cell) == null && !op.delete();
    }

    private static int lines(Op op, StreamCell cell) {
        return (creates(op, cell) ? 1 : 0)
                + (op.truncation() != null ? 1 : 0)
                + op.events().size()
                + (op.options().closing() ? 1 : 0)
                + (op.delete() ? 1 : 0);
    }

    /** Checks the conditions. Returns the answer when there is nothing to write, null when there is, and throws when it must not be. */
    private @Nullable Appended check(Op op, StreamCell cell) {
        Head head = alive(cell);
        AppendOptions options = op.options();
        String name = op.name().toString();
        Rule rule = op.rule();
        verdict = null;
        if (head == null) {
            if (options.mustExist()) {
                throw new StreamNotFoundException(name);
            }
            if (op.delete()) {
                return nothing(name, 0, 0);
            }
        } else if (head.kind != op.kind()) {
            throw new RefusedException(
                    name,
                    RefusedException.Reason.WRONG_KIND,
                    "it is of kind " + head.kind.text() + " and can be written only through that API, not as "
                            + op.kind().text());
        }
        if (op.delete()) {
            verdict = rule == null ? null : rules.decide(op, rule, head);
            return null;
        }
        if (op.explicitCreate() && head != null) {
            StreamConfig wanted = op.create();
            StreamConfig there = head.config();
            if (wanted != null
                    && (!wanted.mediaType().equals(there.mediaType())
                            || !java.util.Objects.equals(wanted.ttl(), there.ttl())
                            || !java.util.Objects.equals(wanted.expires(), there.expires()))) {
                throw new RefusedException(
                        name, RefusedException.Reason.EXISTS, "it exists with another configuration: " + there);
            }
            return nothing(name, head.lastPos, head.lastSeq);
        }
        Appended repeated = repeated(op, cell, head);
        if (repeated != null) {
            return repeated;
        }
        if (head != null && head.closed) {
            if (op.events().isEmpty() && options.producer() == null && op.truncation() == null) {
                return nothing(name, head.lastPos, head.lastSeq); // closing twice, or an empty append
            }
            if (!op.events().isEmpty() || options.closing() || options.producer() != null) {
                throw new RefusedException(name, RefusedException.Reason.STREAM_CLOSED, "it is closed");
            }
        }
        contentType(op, head);
        order(op, head);
        long lastSeq = head == null ? 0 : head.lastSeq;
        if (options.expectedSeq() != AppendOptions.ANY_SEQ && options.expectedSeq() != lastSeq) {
            throw new ConflictException(
                    name, Subject.SEQ, String.valueOf(options.expectedSeq()), String.valueOf(lastSeq));
        }
        Op.Truncation truncation = op.truncation();
        if (truncation != null
                && (head == null
                        || truncation.ofIncarnation() != head.incarnation
                        || truncation.from() != head.firstSeq)) {
            throw new ConflictException(
                    name,
                    Subject.FIRST_SEQ,
                    String.valueOf(truncation.from()),
                    head == null ? "no stream" : String.valueOf(head.firstSeq));
        }
        if (rule != null) {
            Verdict decided = rules.decide(op, rule, head);
            verdict = decided;
            return decided.writes() ? null : nothing(name, head == null ? 0 : head.lastPos, lastSeq);
        }
        boolean nothing = op.events().isEmpty() && !options.closing() && truncation == null && !op.explicitCreate();
        return nothing ? nothing(name, head == null ? 0 : head.lastPos, lastSeq) : null;
    }

    private Appended nothing(String name, long lastPos, long lastSeq) {
        return new Appended(name, lastPos, lastSeq, 0, time, false);
    }

    /** The answer to an append that was stored before, by its producer's tuple or by its ids. */
    private @Nullable Appended repeated(Op op, StreamCell cell, @Nullable Head head) {
        AppendOptions.Producer sender = op.options().producer();
        String name = op.name().toString();
        if (sender != null) {
            Head.Producer known = head == null ? null : head.producer(sender.id());
            if (head != null && head.closed) {
                boolean same = known != null && sender.epoch() == known.epoch() && sender.seq() <= known.seq();
                if (!same) {
                    return null; // check() refuses it: the stream is closed
                }
            }
            if (known == null) {
                expectSeq(name, 0, sender.seq());
                if (head != null && head.producers.length >= Head.PRODUCERS_MAX) {
                    throw new RefusedException(
                            name,
                            RefusedException.Reason.TOO_MANY_PRODUCERS,
                            "it has " + Head.PRODUCERS_MAX + " producers already, as many as a stream may have");
                }
            } else if (sender.epoch() < known.epoch()) {
                throw new ConflictException(
                        name, Subject.PRODUCER_EPOCH, String.valueOf(sender.epoch()), String.valueOf(known.epoch()));
            } else if (sender.epoch() > known.epoch()) {
                expectSeq(name, 0, sender.seq());
            } else if (sender.seq() <= known.seq()) {
                boolean last = sender.seq() == known.seq();
                return new Appended(
                        name,
                        last ? known.pos() : 0,
                        last ? known.eventSeq() : 0,
                        last ? known.count() : 0,
                        time,
                        true);
            } else {
                expectSeq(name, known.seq() + 1, sender.seq());
            }
        }
        return repeatedIds(op, cell, head);
    }

    private static void expectSeq(String name, long expected, long received) {
        if (received != expected) {
            throw new ConflictException(name, Subject.PRODUCER_SEQ, String.valueOf(received), String.valueOf(expected));
        }
    }

    private @Nullable Appended repeatedIds(Op op, StreamCell cell, @Nullable Head head) {
        int withId = 0;
        int stored = 0;
        long seq = 0;
        for (Fragment event : op.events()) {
            String id = event.id();
            if (id != null) {
                withId++;
                Long known = head == null ? null : window(cell, head).find(id, head.lastSeq);
                if (known != null
                        && head != null
                        && known >= head.firstSeq) { // a truncated event is as if it never was
                    stored++;
                    seq = Math.max(seq, known);
                }
            }
        }
        if (stored == 0) {
            if (withId > 1) {
                requireDistinct(op);
            }
            return null;
        }
        if (stored < op.events().size()) {
            throw new ConflictException(
                    op.name().toString(),
                    Subject.EVENT_ID,
                    "all or none of the events stored before",
                    stored + " of " + op.events().size() + " are, the newest as seq " + seq);
        }
        return new Appended(op.name().toString(), 0, seq, op.events().size(), time, true);
    }

    private static void requireDistinct(Op op) {
        java.util.HashSet<String> ids = new java.util.HashSet<>();
        for (Fragment event : op.events()) {
            if (event.id() != null && !ids.add(event.id())) {
                throw new ConflictException(
                        op.name().toString(), Subject.EVENT_ID, "distinct ids in a batch", "twice " + event.id());
            }
        }
    }

    /** The ids of the stream's newest events; read from the journal when this process has not seen them yet. */
    private IdWindow window(StreamCell cell, Head head) {
        IdWindow window = cell.ids;
        if (window == null) {
            window = new IdWindow();
            if (head.lastIdSeq > head.lastSeq - IdWindow.EVENTS && head.lastIdSeq > 0) {
                journal.readIds(cell, window);
            }
            cell.ids = window;
            windows.addLast(cell);
            dropOldWindows(cell);
        }
        return window;
    }

    private void dropOldWindows(StreamCell newest) {
        long ids = 0;
        for (StreamCell cell : windows) {
            ids += cell.ids == null ? 0 : cell.ids.size();
        }
        for (int i = windows.size(); i > 0 && (ids > WINDOW_IDS_MAX || windows.size() > WINDOWS_MAX); i--) {
            StreamCell oldest = windows.removeFirst();
            if (oldest.inGroup || oldest == newest) {
                windows.addLast(oldest); // its newest ids are not in the journal yet
            } else if (oldest.ids != null) {
                ids -= oldest.ids.size();
                oldest.ids = null;
            }
        }
    }

    private static void contentType(Op op, @Nullable Head head) {
        if (op.events().isEmpty()) {
            return;
        }
        String contentType = head != null ? head.contentType : configFor(op).contentType();
        for (Fragment event : op.events()) {
            if (!accepts(contentType, event.form())) {
                throw new RefusedException(
                        op.name().toString(),
                        RefusedException.Reason.CONTENT_TYPE,
                        "its content type is " + contentType + ", which does not take a payload of form "
                                + event.form());
            }
        }
    }

    private static boolean accepts(String contentType, PayloadForm form) {
        if (form == PayloadForm.JSON && contentType.equals(StreamConfig.JSON.contentType())) {
            return true; // by far the most frequent: its media type need not be taken out
        }
        return new StreamConfig(contentType, null, null).accepts(form);
    }

    private static StreamConfig configFor(Op op) {
        StreamConfig given = op.create();
        if (given != null) {
            return given;
        }
        PayloadForm form =
                op.events().isEmpty() ? PayloadForm.JSON : op.events().get(0).form();
        return switch (form) {
            case JSON -> StreamConfig.JSON;
            case TEXT -> StreamConfig.TEXT;
            case BINARY -> StreamConfig.BINARY;
        };
    }

    private static void order(Op op, @Nullable Head head) {
        String token = op.options().order();
        String last = head == null ? null : head.order;
        if (token != null
                && last != null
                && java.util.Arrays.compareUnsigned(
                                token.getBytes(java.nio.charset.StandardCharsets.UTF_8),
                                last.getBytes(java.nio.charset.StandardCharsets.UTF_8))
                        <= 0) {
            throw new ConflictException(op.name().toString(), Subject.ORDER, "greater than " + last, token);
        }
    }

    /** Numbers and encodes. Nothing here can refuse. */
    private Appended apply(Op op, StreamCell cell, @Nullable Verdict allowed, int firstIndex, int lines) {
        int index = firstIndex;
        Head known = cell.working;
        Head head;
        if (!cell.inGroup) {
            cell.inGroup = true;
            cell.touchedSegment = segment;
            group.add(cell);
            head = known == null ? new Head(op.name()) : known.copy(); // the published one must not change
            cell.working = head;
        } else {
            head = known == null ? new Head(op.name()) : known;
            cell.working = head;
        }
        long streamsBefore = known == null || known.deleted ? 0 : 1;
        long eventsBefore = streamsBefore == 0 ? 0 : known == null ? 0 : known.count();
        long bytesBefore = streamsBefore == 0 || known == null ? 0 : known.bytesAppended - known.bytesRemoved;
        if (known == null || known.deleted) {
            if (!op.delete()) {
                StreamConfig config = configFor(op);
                int offset = line();
                buffer.create(pos, op.name(), op.kind().text(), config, index++, lines);
                head.create(pos, op.kind(), config, micros);
                cell.ids = null;
                endLine(offset);
            }
        }
        Op.Truncation truncation = op.truncation();
        if (truncation != null) {
            long events = truncation.before() - truncation.from();
            int offset = line();
            buffer.truncate(pos, op.name(), truncation.before(), events, truncation.bytes(), index++, lines);
            head.truncate(pos, truncation.before(), truncation.bytes());
            endLine(offset);
        }
        StreamState was = known == null || known.deleted ? null : known.state;
        StreamState decided = allowed == null ? null : allowed.state();
        AppendOptions options = allowed == null || allowed.tuple() == null ? op.options() : allowed.tuple();
        boolean tuple = options.producer() != null || options.order() != null;
        List<Fragment> events = op.events();
        int n = events.size();
        long lastPos = head.lastPos;
        for (int i = 0; i < n; i++) {
            Fragment event = events.get(i);
            long seq = head.lastSeq + 1;
            boolean carriesTuple = tuple && i == n - 1 && !options.closing();
            StreamState state = null;
            if (decided != null && allowed != null && i == (allowed.first() ? 0 : n - 1)) {
                state = decided.at(seq, pos);
                if (allowed.first()) {
                    event = event.withType(decided.word()); // a start may have become queued, or dropped
                }
            }
            int offset = line();
            buffer.event(pos, op.name(), seq, event, state, carriesTuple ? options : null, index, lines);
            head.event(pos, seq, event.rawBytes(), micros, event.id() != null, index);
            if (state != null) {
                head.state(state);
            }
            index++;
            run(cell, head).add(seq, offset, event.rawBytes());
            table.events++;
            table.bytes += event.rawBytes();
            if (event.id() != null) {
                window(cell, head).add(event.id(), seq);
            }
            lastPos = pos;
            if (carriesTuple) {
                note(head, options, index - 1);
            }
            endLine(offset);
        }
        if (options.closing()) {
            int offset = line();
            buffer.control(pos, op.name(), Controls.CLOSE, tuple ? options : null, index++, lines);
            head.close(pos);
            if (tuple) {
                note(head, options, index - 1);
            }
            endLine(offset);
        }
        if (op.delete()) {
            int offset = line();
            buffer.control(pos, op.name(), Controls.DELETE, null, index, lines);
            head.delete(pos);
            cell.ids = null;
            endLine(offset);
        }
        Head after = StreamCell.alive(head);
        if (op.kind() == Kind.RUN && (decided != null || op.delete())) {
            running.change(op.name().utf8(), was, after == null ? null : after.state);
        }
        totals = new Totals(
                totals.streams() + (after == null ? 0 : 1) - streamsBefore,
                totals.events() + (after == null ? 0 : after.count()) - eventsBefore,
                totals.bytes() + (after == null ? 0 : after.bytesAppended - after.bytesRemoved) - bytesBefore,
                totals.removals() + (truncation != null ? 1 : 0) + (op.delete() ? 1 : 0));
        return new Appended(op.name().toString(), n == 0 ? pos - 1 : lastPos, head.lastSeq, n, time, false);
    }

    private void note(Head head, AppendOptions options, int batchIndex) {
        AppendOptions.Producer producer = options.producer();
        if (producer != null) {
            head.producer(producer.id(), producer.epoch(), producer.seq(), pos, batchIndex);
        }
        if (options.order() != null) {
            head.order = options.order();
        }
    }

    private SegmentTable.StreamRun run(StreamCell cell, Head head) {
        long incarnation = head.incarnation >= table.first ? head.incarnation : 0;
        SegmentTable.StreamRun run = cell.run;
        if (run == null || cell.runSegment != table.first || run.incarnation != incarnation) {
            run = table.run(cell.name, incarnation);
            cell.run = run;
            cell.runSegment = table.first;
        }
        return run;
    }

    private int line() {
        return baseOffset + buffer.length();
    }

    private void endLine(int offset) {
        table.line(pos, offset, micros);
        pos++;
    }
}
