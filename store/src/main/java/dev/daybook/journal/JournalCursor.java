package dev.daybook.journal;

import dev.daybook.internal.time.Timestamps;
import dev.daybook.stream.Event;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Reads the whole journal in order of positions, every checksum verified. Goes as far as the journal was visible when it was last told to
 * {@link #follow}. Holds no resources. Not thread-safe.
 */
public final class JournalCursor {
    private final Journal journal;
    private Visible visible;
    private long through;
    private long pos; // of the last line that was read
    private int at;
    private @Nullable LineScanner scanner;
    private int limit;
    private boolean wholeSegment; // a whole one was read: the next one will be, too

    JournalCursor(Journal journal, long afterPos, long throughPos) {
        this.journal = journal;
        this.visible = journal.lastVisible();
        this.through = Math.min(throughPos, visible.pos());
        this.pos = afterPos;
        this.at = visible.segmentOf(afterPos + 1);
    }

    /** Lets it go on to what is visible now. */
    void follow(Visible now) {
        int reached = at;
        if (!now.segments().isEmpty() && reached < visible.segments().size()) {
            // An empty newest segment may have been replaced by one of the next day under the same name.
            JournalSegment mine = visible.segments().get(reached);
            JournalSegment theirs =
                    now.segments().get(Math.min(reached, now.segments().size() - 1));
            if (mine != theirs) {
                scanner = null;
            }
        }
        visible = now;
        through = now.pos();
        if (scanner != null && limit != now.tailOf(at)) {
            scanner = null;
        }
    }

    long pos() {
        return pos;
    }

    boolean atEnd() {
        return pos >= through;
    }

    /** Whether the next line is there, as the current line of {@link #scanner()}. */
    boolean step() {
        while (pos < through) {
            LineScanner lines = scanner;
            if (lines == null) {
                lines = open();
                scanner = lines;
            }
            switch (lines.next()) {
                case LINE -> {
                    long position = lines.position();
                    if (position < 0) {
                        gap(lines);
                        continue;
                    }
                    if (position <= pos) {
                        continue; // on the way from the indexed line before it
                    }
                    if (position != pos + 1) {
                        throw segment().corrupt(lines.offset(), pos + 1, position - 1, "lines are missing");
                    }
                    pos = position;
                    return true;
                }
                case BAD -> throw segment().corrupt(lines.offset(), pos + 1, pos + 1, lines.reason());
                case END -> {
                    if (at >= visible.segments().size() - 1) {
                        throw segment().corrupt(lines.offset(), pos + 1, through, "lines are missing at the end");
                    }
                    if (pos < segment().last) {
                        throw segment()
                                .corrupt(lines.offset(), pos + 1, segment().last, "lines are missing at the end");
                    }
                    at++;
                    scanner = null;
                    wholeSegment = true;
                }
            }
        }
        return false;
    }

    private JournalSegment segment() {
        return visible.segments().get(at);
    }

    private LineScanner open() {
        JournalSegment here = segment();
        limit = visible.tailOf(at);
        int from = pos + 1 <= here.id.first() ? 0 : Math.max(0, here.index().floor(pos + 1));
        return new LineScanner(here.view(), from, limit, journal.storeId(), wholeSegment);
    }

    private void gap(LineScanner lines) {
        Line line = new Line().parse(lines.bytes(), lines.from(), lines.to());
        if (line.shape == Line.Shape.GAP) {
            Framing.Gap gap = Framing.gap(lines.bytes(), lines.from(), lines.to());
            if (gap.from() <= pos + 1) {
                pos = Math.max(pos, gap.through());
            }
        }
    }

    LineScanner scanner() {
        LineScanner lines = scanner;
        if (lines == null) {
            throw new IllegalStateException("step() found no line");
        }
        return lines;
    }

    /** The current line as an event, or null when it is a control record. */
    @Nullable
    Event event() {
        return scanner().event(pos);
    }

    /** An event has "seq" behind its stream, a control record "control"; both have pos, synced and time before it. */
    static boolean isEvent(byte[] bytes, int from) {
        int i = from + 7;
        i = skipDigits(bytes, i) + 10; // ,"synced":
        i = skipDigits(bytes, i) + 9; // ,"time":"
        i += Timestamps.LENGTH + 1;
        if (bytes[i + 1] != '"' || bytes[i + 2] != 's' || bytes[i + 3] != 't') {
            return false; // no stream: a mark
        }
        i += 11; // ,"stream":"
        while (bytes[i] != '"') {
            i += bytes[i] == '\\' ? 2 : 1;
        }
        return bytes[i + 3] == 's';
    }

    private static int skipDigits(byte[] bytes, int from) {
        int i = from;
        while (bytes[i] >= '0' && bytes[i] <= '9') {
            i++;
        }
        return i;
    }

    /** Time of the first line that is there. */
    @Nullable
    Instant firstTime() {
        if (!step()) {
            return null;
        }
        LineScanner lines = scanner();
        return Timestamps.instant(
                new Line().parse(lines.bytes(), lines.from(), lines.to()).timeMicros());
    }

    /** The last position that was committed before this time, by bisection over the journal. */
    static long lastBefore(Journal journal, long micros) {
        long low = 0;
        long high = journal.lastVisible().pos();
        while (low < high) {
            long middle = (low + high + 1) >>> 1;
            Instant time = new JournalCursor(journal, middle - 1, Long.MAX_VALUE).firstTime();
            if (time != null && Timestamps.micros(time) < micros) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }
}
