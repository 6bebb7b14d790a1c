package dev.daybook;

import java.util.Optional;

/**
 * What opening found and did.
 *
 * @param created the store was new
 * @param cleanlyClosed the last writer closed it; false when it was killed, or the machine went down
 * @param doubtfulLines lines that may have been only in the operating system's cache and were made durable
 * @param cut the unacknowledged tail that was set aside, if there was one
 * @param rebuilt derived files that were missing or wrong and were made again
 */
public record OpenReport(boolean created, boolean cleanlyClosed, long doubtfulLines, Optional<Cut> cut, int rebuilt) {

    /**
     * Bytes that no acknowledgement covers, as far as the journal can tell. What remains undecidable (I6): when nothing but a bit of
     * the very last group was flipped, that group may have been acknowledged.
     *
     * @param segment the segment they were in
     * @param byteOffset where they began
     * @param bytes how many
     * @param firstPosition the position that will be given out again
     * @param reason what was wrong with the first line of it
     * @param keptIn where the bytes are now
     */
    public record Cut(String segment, long byteOffset, long bytes, long firstPosition, String reason, String keptIn) {}
}
