package dev.daybook.journal;

import dev.daybook.journal.HeadTable.Totals;
import java.util.List;

/**
 * What readers may see, as one consistent snapshot.
 *
 * @param segments all segments, oldest first; the last one is being written
 * @param pos the newest position
 * @param durable the newest position that is known to be on stable storage
 * @param tail byte offset behind the newest line, in the last segment
 * @param totals what the store holds
 * @param micros time of the newest line; {@link Long#MIN_VALUE} when there is none
 */
record Visible(List<JournalSegment> segments, long pos, long durable, int tail, Totals totals, long micros) {

    JournalSegment newest() {
        return segments.get(segments.size() - 1);
    }

    /** Index of the segment that holds this position; of the first one for positions before it. */
    int segmentOf(long position) {
        int low = 0;
        int high = segments.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (segments.get(middle).id.first() <= position) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /** Byte offset behind the last visible line of a segment. */
    int tailOf(int index) {
        if (index == segments.size() - 1) {
            return tail;
        }
        JournalSegment segment = segments.get(index);
        if (segment.tail < 0) {
            segment.index(); // learns it
        }
        return segment.tail;
    }
}
