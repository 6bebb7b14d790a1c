package dev.daybook.stream;

import java.time.Instant;

/**
 * The store's word that events are kept. With {@link dev.daybook.Durability#SYNC} they are on stable storage.
 *
 * @param stream the stream
 * @param pos position of the last event
 * @param seq sequence number of the last event; for an empty append, the stream's last one
 * @param count how many events; 0 for an empty append
 * @param time when the store committed them
 * @param duplicate true when they had been stored before, under this producer tuple or event id; then the other fields tell
 *     where they are
 */
public record Appended(String stream, long pos, long seq, int count, Instant time, boolean duplicate) {

    /** Sequence number of the first event. */
    public long firstSeq() {
        return seq - Math.max(count, 1) + 1;
    }
}
