package dev.daybook.journal;

import dev.daybook.driver.Storage;
import dev.daybook.journal.SegmentIndex.Run;
import dev.daybook.stream.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Reads one stream by sequence number, forwards or backwards, through the indexes. Holds no resources. Not thread-safe.
 */
public final class StreamCursor {
    private static final int AHEAD_MIN = 16;
    private static final int AHEAD_FIRST = 2_048;
    private static final int AHEAD_MAX = 16_384;

    /** Bytes of a line beside its payload and its stream's name; about as many as there are. */
    private static final int ENVELOPE = 256;

    /** Lines that lie closer than this are fetched in one piece. */
    private static final int APART_MIN = 16 << 10;

    private static final int PIECE_MAX = 256 << 10;

    private final Journal journal;
    private final Name name;
    private final CRC32C crc = new CRC32C();
    private final Line line = new Line();

    private List<JournalSegment> segments = List.of();
    private int first; // segments that can hold the stream
    private int last;
    private int at;
    private @Nullable Run run;
    private long incarnation;
    private long seq; // of the next event

    private int envelope; // of the line that was read last, the payload apart: lines of a stream are much alike
    private int ahead; // how many events are looked at the next time
    private long lookedAhead; // up to this event

    StreamCursor(Journal journal, Name name) {
        this.journal = journal;
        this.name = name;
    }

    /** Stands before this sequence number of the stream as it is known by this head. */
    void position(Head head, long nextSeq) {
        Visible visible = journal.lastVisible();
        segments = visible.segments();
        incarnation = head.incarnation;
        seq = nextSeq;
        ahead = AHEAD_FIRST;
        lookedAhead = nextSeq - 1;
        first = visible.segmentOf(head.incarnation);
        last = visible.segmentOf(head.lastPos);
        // From the newest back: what is asked for is usually near the end.
        at = last;
        run = find(at);
        while (at > first && (run == null || run.firstSeq() > nextSeq)) {
            at--;
            run = find(at);
        }
    }

    private @Nullable Run find(int index) {
        JournalSegment segment = segments.get(index);
        Run found = segment.index().find(name, incarnation >= segment.id.first() ? incarnation : 0);
        return found == null || found.count() == 0 ? null : found;
    }

    long seq() {
        return seq;
    }

    /** The next event, or null behind this sequence number. */
    @Nullable
    Event next(long through) {
        if (seq > through) {
            return null;
        }
        Run here = run;
        while (here == null || seq - here.firstSeq() >= here.count()) {
            if (at >= last) {
                throw missing();
            }
            at++;
            here = find(at);
        }
        run = here;
        if (seq < here.firstSeq()) {
            throw missing();
        }
        if (seq > lookedAhead) {
            lookAhead(through);
        }
        return event(here, seq++);
    }

    /**
     * Has the next events fetched together where the page cache lacks them: one by one, each would wait for the disk. How many grows
     * with what was read, so that whoever stops early has not waited for everything.
     */
    private void lookAhead(long through) {
        long from = seq;
        long to = Math.min(through, from + ahead - 1);
        ahead = Math.min(2 * ahead, AHEAD_MAX);
        lookedAhead = to;
        if (to - from < AHEAD_MIN) {
            return;
        }
        List<Storage.Piece> pieces = new ArrayList<>();
        for (int i = at; i <= last && from <= to; i++) {
            Run here = i == at ? run : find(i);
            if (here == null || from - here.firstSeq() >= here.count()) {
                continue;
            }
            if (from < here.firstSeq()) {
                break; // reading in earnest says what is missing
            }
            int begin = (int) (from - here.firstSeq());
            int end = (int) Math.min(to - here.firstSeq() + 1, here.count());
            // One look for all of them: looking at each would cost as much as reading it.
            if (segments.get(i).isCold(here.offset((begin + end) >>> 1))) {
                pieces(segments.get(i), here, begin, end, pieces);
            }
            from = here.firstSeq() + end;
        }
        if (!pieces.isEmpty()) {
            journal.storage().warm(pieces);
        }
    }

    private void pieces(JournalSegment segment, Run here, int begin, int end, List<Storage.Piece> into) {
        int pieceFrom = here.offset(begin);
        int pieceTo = pieceFrom;
        for (int i = begin; i < end; i++) {
            int offset = here.offset(i);
            if (offset - pieceTo >= APART_MIN || pieceTo - pieceFrom >= PIECE_MAX) {
                into.add(new Storage.Piece(segment.id, pieceFrom, pieceTo - pieceFrom));
                pieceFrom = offset;
            }
            pieceTo = offset + payload(here, i) + name.json.length + ENVELOPE;
        }
        into.add(new Storage.Piece(segment.id, pieceFrom, pieceTo - pieceFrom));
    }

    private static int payload(Run run, int i) {
        return (int) (run.bytesThrough(i) - (i == 0 ? 0 : run.bytesThrough(i - 1)));
    }

    /** The event before, or null before this sequence number. */
    @Nullable
    Event previous(long from) {
        if (seq <= from) {
            return null;
        }
        long wanted = seq - 1;
        Run here = run;
        while (here == null || wanted < here.firstSeq()) {
            if (at <= first) {
                throw missing();
            }
            at--;
            here = find(at);
        }
        run = here;
        seq = wanted;
        return event(here, wanted);
    }

    private dev.daybook.CorruptJournalException missing() {
        JournalSegment segment = segments.get(at);
        return segment.corrupt(
                0, segment.id.first(), segment.id.first(), "event " + seq + " of stream " + name + " is missing");
    }

    private Event event(Run here, long wanted) {
        JournalSegment segment = segments.get(at);
        int i = (int) (wanted - here.firstSeq());
        int offset = here.offset(i);
        int payload = payload(here, i);
        byte[] bytes = segment.line(offset, payload + envelope, crc);
        envelope = bytes.length - payload;
        try {
            line.parse(bytes, 0, bytes.length);
        } catch (Line.MalformedLineException e) {
            throw segment.damaged(offset, e.reason());
        }
        if (line.shape != Line.Shape.EVENT || line.seq != wanted || !line.isStream(name)) {
            throw segment.damaged(offset, "event " + wanted + " of stream " + name + " should stand here");
        }
        return new Event(bytes, 0, bytes.length, line.pos);
    }

    /** One event, or null when the stream does not have it. */
    @Nullable
    Event only(Head head, long wanted) {
        if (wanted < head.firstSeq || wanted > head.lastSeq) {
            return null;
        }
        position(head, wanted);
        return next(wanted);
    }

    /** The first sequence number whose event was committed at or after this time; {@code lastSeq + 1} when there is none. */
    long atOrAfter(Head head, long micros) {
        long low = head.firstSeq;
        long high = head.lastSeq + 1;
        while (low < high) {
            long middle = (low + high) >>> 1;
            Event event = only(head, middle);
            if (event == null || dev.daybook.internal.time.Timestamps.micros(event.time()) >= micros) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /** Payload bytes of the events from one sequence number to another, both included. */
    long bytes(Head head, long from, long through) {
        long sum = 0;
        long wanted = from;
        if (wanted > through) {
            return 0;
        }
        position(head, wanted);
        while (wanted <= through) {
            Run here = run;
            while (here == null || wanted - here.firstSeq() >= here.count()) {
                if (at >= last) {
                    throw missing();
                }
                at++;
                here = find(at);
            }
            run = here;
            int i = (int) (wanted - here.firstSeq());
            int j = (int) Math.min(through - here.firstSeq(), here.count() - 1L);
            sum += here.bytesThrough(j) - (i == 0 ? 0 : here.bytesThrough(i - 1));
            wanted = here.firstSeq() + j + 1;
        }
        return sum;
    }
}
