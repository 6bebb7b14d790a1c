package dev.daybook.journal;

import dev.daybook.journal.SegmentTable.StreamRun;
import org.jspecify.annotations.Nullable;

/** A stream that changed lately. The commit thread owns it; other threads read {@link #published}. */
final class StreamCell {
    final Name name;

    /** What readers may know: everything up to the last acknowledged group. Null while there is nothing. */
    volatile @Nullable Head published;

    /** What the next append builds on, the group being written included. Null when the stream never existed. */
    @Nullable
    Head working;

    /** Where its events in the open segment go, and of which segment that is. */
    @Nullable
    StreamRun run;

    long runSegment;

    /** First position of the last segment in which it changed. */
    long touchedSegment;

    /** First position of the segment in whose list of changed streams it is. */
    long listedSegment;

    /** Whether it is in the list of streams that the group being written changes. */
    boolean inGroup;

    /** Ids of its newest events, once an append with an id needed them. */
    @Nullable
    IdWindow ids;

    StreamCell(Name name, @Nullable Head known) {
        this.name = name;
        this.working = known;
        this.published = known;
    }

    /** The head if the stream exists. */
    static @Nullable Head alive(@Nullable Head head) {
        return head == null || head.deleted ? null : head;
    }
}
