package dev.daybook.journal;

import org.jspecify.annotations.Nullable;

/** Where the lines of one segment are: in memory while it is written, in a mapped sidecar file afterwards. Thread-safe. */
interface SegmentIndex {
    /**
     * The events of one incarnation of a stream in this segment, or null.
     *
     * @param incarnation 0 for a stream that was there before the segment began
     */
    @Nullable
    Run find(Name stream, long incarnation);

    /** Byte offset of a line whose position is at most this one, close before it. */
    int floor(long pos);

    /** Consecutive events of one stream. */
    interface Run {
        long firstSeq();

        int count();

        /** Byte offset of the i-th event's line. */
        int offset(int i);

        /** Payload bytes of the events 0 to i together. */
        long bytesThrough(int i);
    }
}
