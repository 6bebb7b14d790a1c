package dev.daybook;

import java.util.List;

/**
 * What {@link Daybook#salvage} copied and what it could not.
 *
 * @param events events copied
 * @param streams streams they belong to
 * @param losses what is lost
 */
public record SalvageReport(long events, long streams, List<Loss> losses) {

    /**
     * Something that was passed over.
     *
     * @param file where
     * @param byteOffset from which byte
     * @param bytes how many bytes
     * @param firstPosition first position, 0 when unknown
     * @param lastPosition last position, 0 when unknown
     * @param reason why
     */
    public record Loss(
            String file, long byteOffset, long bytes, long firstPosition, long lastPosition, String reason) {}
}
