package dev.daybook.stream;

import java.time.Instant;
import java.util.Optional;

/**
 * What the store knows about a stream without reading it.
 *
 * @param name the stream
 * @param kind what may write to it
 * @param incarnation position of its creation; another one means another stream of the same name
 * @param config content type and expiry
 * @param firstSeq sequence number of the oldest event still there; {@code lastSeq + 1} when there is none
 * @param lastSeq sequence number of the newest event, also when it was truncated; 0 when there never was one
 * @param bytes payload bytes of the events still there, as callers gave them
 * @param created when it was created
 * @param oldest commit time of the oldest event still there
 * @param newest commit time of the newest event still there
 * @param closed no event can follow
 * @param producers how many senders have state in it
 */
public record StreamInfo(
        String name,
        Kind kind,
        long incarnation,
        StreamConfig config,
        long firstSeq,
        long lastSeq,
        long bytes,
        Instant created,
        Optional<Instant> oldest,
        Optional<Instant> newest,
        boolean closed,
        int producers) {

    /** Events still there. */
    public long count() {
        return lastSeq - firstSeq + 1;
    }
}
