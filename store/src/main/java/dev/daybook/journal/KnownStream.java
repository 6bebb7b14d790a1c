package dev.daybook.journal;

import dev.daybook.internal.time.Timestamps;
import dev.daybook.stream.Kind;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a stream without reading a line of it, for the packages above the journal.
 *
 * @param incarnation position of its creation
 * @param bytes payload bytes of the events that are there
 * @param changed when its newest event was committed
 * @param state its newest one, or null
 * @param startedSeq number of the newest event that says that the run started; 0 for none
 * @param generation how often the run's lease was given or taken; 0 if never
 */
public record KnownStream(
        Name name,
        Kind kind,
        long incarnation,
        long firstSeq,
        long lastSeq,
        long bytes,
        long lastPos,
        Instant changed,
        @Nullable StreamState state,
        long startedSeq,
        long generation) {

    static KnownStream of(Head head) {
        Head.Producer owner = head.producer(Rules.OWNER);
        return new KnownStream(
                head.name,
                head.kind,
                head.incarnation,
                head.firstSeq,
                head.lastSeq,
                head.bytesAppended - head.bytesRemoved,
                head.lastPos,
                Timestamps.instant(head.lastMicros),
                head.state,
                head.startedSeq,
                owner == null ? 0 : owner.epoch());
    }

    /** Whether it is a document that has a value. */
    public boolean hasValue() {
        return lastSeq > 0 && (state == null || state.seq() != lastSeq);
    }
}
