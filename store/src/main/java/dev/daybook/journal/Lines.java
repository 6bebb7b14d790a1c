package dev.daybook.journal;

import dev.daybook.internal.json.JsonText;
import dev.daybook.stream.Event;
import dev.daybook.stream.Kind;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Goes through the journal for whoever folds all of it: events and ends of streams, in the order of positions, with their kinds. An event of an
 * incarnation that is gone by now is left out, since the end that follows would take away what is made of it; so folding late and folding
 * live end alike. Goes as far as anything is acknowledged, and can wait there. For one thread, but {@link #wake}.
 */
public final class Lines {
    /** What {@link #next} found. */
    public enum Found {
        EVENT,
        /** A stream was deleted or expired. */
        ENDED,
        /** A line that concerns nobody here. */
        OTHER,
        /** Nothing, for now. */
        NONE
    }

    /**
     * Streams that are looked at.
     *
     * @param prefix those below it only; empty for all
     * @param kind events of those of this kind only; null for all
     */
    public record Scope(String prefix, @Nullable Kind kind) {}

    private final Journal journal;
    private final List<Scope> scopes;
    private final List<byte[]> prefixes; // as a name below them begins in a line, with its quote
    private final JournalCursor cursor;
    private final Line line = new Line();
    private long pos;
    private long incarnation;
    private Kind kind = Kind.STREAM;
    private @Nullable Name name; // of the newest event; often the next one has it, too
    private volatile boolean woken;
    private volatile Notifier.@Nullable Waiter waiting;

    /** Lines of streams that are in one of these scopes, whose prefixes do not lie in one another. */
    public Lines(Journal journal, List<Scope> scopes, long afterPos) {
        this.journal = journal;
        this.scopes = scopes;
        this.prefixes = scopes.stream()
                .map(scope -> JsonText.encode(scope.prefix))
                .map(json -> Arrays.copyOf(json, json.length - 1))
                .toList();
        this.cursor =
                new JournalCursor(journal, afterPos, journal.visibleWithHeads().pos());
        this.pos = afterPos;
    }

    /** @throws dev.daybook.CorruptJournalException when the next line is damaged */
    public Found next() {
        if (cursor.atEnd()) {
            journal.requireOpen();
            cursor.follow(journal.visibleWithHeads());
        }
        if (!cursor.step()) {
            return Found.NONE;
        }
        LineScanner lines = cursor.scanner();
        line.parse(lines.bytes(), lines.from(), lines.to());
        pos = line.pos;
        boolean event = line.shape == Line.Shape.EVENT;
        if (line.streamTo == line.streamFrom || !event && !ends()) {
            return Found.OTHER;
        }
        int scope = 0;
        while (!isWithin(prefixes.get(scope))) {
            if (++scope == prefixes.size()) {
                return Found.OTHER;
            }
        }
        if (!event) {
            return Found.ENDED;
        }
        Name known = name;
        if (known == null || !line.isStream(known)) {
            known = line.name();
            name = known;
        }
        Head head = journal.heads().find(known);
        Kind wanted = scopes.get(scope).kind;
        if (head == null || line.pos < head.incarnation || wanted != null && wanted != head.kind) {
            return Found.OTHER;
        }
        incarnation = head.incarnation;
        kind = head.kind;
        return Found.EVENT;
    }

    /** Most lines concern one view and not the others: so it is seen without making a name. */
    private boolean isWithin(byte[] prefix) {
        int behind = line.streamFrom + prefix.length;
        return prefix.length == 1
                || behind < line.streamTo
                        && Arrays.mismatch(line.bytes, line.streamFrom, behind, prefix, 0, prefix.length) < 0
                        && (line.bytes[behind] == '/' || behind == line.streamTo - 1);
    }

    private boolean ends() {
        return line.control.equals(Controls.DELETE) || line.control.equals("expire");
    }

    /** Position of the last line that was found; where it began, before there was one. */
    public long pos() {
        return pos;
    }

    /** Checksum of the last line that was found, as it stands in it. */
    public String checksum() {
        return checksum(line);
    }

    /** Whether the last line that was found is the last one of its append, so that to stop here shows nobody a part of one (I4). */
    public boolean endsBatch() {
        return line.batchIndex == line.batchSize;
    }

    /** Incarnation of the event's stream: the position of its create line. */
    public long incarnation() {
        return incarnation;
    }

    /** Kind of the event's stream. */
    public Kind kind() {
        return kind;
    }

    /** What the run or document is from this event on; null where that does not change. */
    public @Nullable StreamState state() {
        return line.stateTo == line.stateFrom
                ? null
                : StreamState.parse(line.bytes, line.stateFrom, line.stateTo, line.seq, line.pos);
    }

    /** The generation of the run's lease that this event is of, or gives; 0 when it is of none. */
    public long generation() {
        boolean owned = line.producerTo != line.producerFrom
                && line.string(line.producerFrom, line.producerTo).equals(Rules.OWNER);
        return owned ? line.producerEpoch : 0;
    }

    /** Position of the first line of the append that the last line belongs to. */
    public long appendStart() {
        return line.pos - line.batchIndex + 1;
    }

    /** Number of the event that was found; 0 of the end of a stream. */
    public long seq() {
        return line.shape == Line.Shape.EVENT ? line.seq : 0;
    }

    /** The event that was found. */
    public Event event() {
        return new Event(line.bytes, line.start, line.end, line.pos);
    }

    /** The stream that it belongs to, or that ended. */
    public String stream() {
        return line.string(line.streamFrom, line.streamTo);
    }

    /** Checksum of the line at this position; null when there is none. */
    public static @Nullable String checksum(Journal journal, long pos) {
        JournalCursor cursor =
                new JournalCursor(journal, pos - 1, journal.visible().pos());
        if (!cursor.step() || cursor.pos() != pos) {
            return null;
        }
        LineScanner lines = cursor.scanner();
        return checksum(new Line().parse(lines.bytes(), lines.from(), lines.to()));
    }

    private static String checksum(Line line) {
        return new String(line.bytes, line.end - 10, 8, StandardCharsets.US_ASCII);
    }

    /** Waits until there is more, at most so long, or until {@link #wake}. */
    public void await(long nanos) {
        Notifier.Waiter waiter = new Notifier.Waiter();
        waiting = waiter;
        journal.notifier.add(null, waiter);
        long until = System.nanoTime() + nanos;
        try {
            for (long left = nanos;
                    left > 0 && !woken && journal.visible().pos() <= pos;
                    left = until - System.nanoTime()) {
                journal.await(waiter, left);
                waiter.reset();
            }
        } catch (InterruptedException e) {
            // The thread is the reader's own. Who wants it to end says so, and wakes it.
        } finally {
            journal.notifier.remove(null, waiter);
            waiting = null;
            woken = false;
        }
    }

    /** Ends {@link #await}, or the next one. From any thread. */
    public void wake() {
        woken = true;
        Notifier.Waiter waiter = waiting;
        if (waiter != null) {
            waiter.signal();
        }
    }
}
