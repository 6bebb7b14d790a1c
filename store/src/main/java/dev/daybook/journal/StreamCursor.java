package dev.daybook.journal;

import dev.daybook.journal.SegmentIndex.Run;
import dev.daybook.stream.Event;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Reads one stream by sequence number, forwards or backwards, through the indexes. Holds no resources. Not thread-safe.
 */
public final class StreamCursor {
    private static final int SAMPLE = 4;
    private static final long SLOW_NANOS = 40_000;
    private static final int WARM_MAX = 1 << 16;

    private final Journal journal;
    private final Name name;
    private final CRC32C crc = new CRC32C();

    private List<JournalSegment> segments = List.of();
    private int first; // segments that can hold the stream
    private int last;
    private int at;
    private @Nullable Run run;
    private long incarnation;
    private long seq; // of the next event

    // Whether the page cache lacks what is read: the first reads tell.
    private int measured;
    private int slow;
    private int warmedSegment = -1;

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
        if (measured < SAMPLE) {
            return measured(here, seq++);
        }
        if (slow >= SAMPLE - 1 && warmedSegment != at) {
            warm(here, through);
        }
        return event(here, seq++);
    }

    private Event measured(Run here, long wanted) {
        long began = System.nanoTime();
        Event event = event(here, wanted);
        measured++;
        slow += System.nanoTime() - began > SLOW_NANOS ? 1 : 0;
        return event;
    }

    /** Fetches the rest of this run together: one by one, each would wait for the disk. */
    private void warm(Run here, long through) {
        warmedSegment = at;
        int from = (int) (seq - here.firstSeq());
        int to = (int) Math.min(here.count(), Math.min(through - here.firstSeq() + 1, from + (long) WARM_MAX));
        if (to - from > SAMPLE) {
            int[] offsets = new int[to - from];
            for (int i = from; i < to; i++) {
                offsets[i - from] = here.offset(i);
            }
            journal.storage().warm(segments.get(at).id, offsets);
        }
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
        int offset = here.offset((int) (wanted - here.firstSeq()));
        byte[] line = segment.line(offset, 0, crc);
        EventFields fields;
        try {
            fields = EventFields.of(line, 0, line.length);
        } catch (Line.MalformedLineException e) {
            throw segment.corrupt(offset, 0, 0, e.reason());
        }
        if (fields.seq != wanted || !matches(line, fields)) {
            throw segment.corrupt(offset, 0, 0, "event " + wanted + " of stream " + name + " should stand here");
        }
        return new Event(line, 0, line.length, Line.position(line, 0));
    }

    private boolean matches(byte[] line, EventFields fields) {
        return java.util.Arrays.mismatch(line, fields.streamFrom, fields.streamTo, name.json, 0, name.json.length) < 0;
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
