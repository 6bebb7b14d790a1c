package dev.daybook.stream;

/**
 * Events that a subscriber can no longer get.
 *
 * @param stream the stream
 * @param fromSeq first sequence number that is missing
 * @param toSeq last sequence number that is missing; less than {@code fromSeq} when nothing but the stream itself is gone
 * @param reason why
 * @param pos position of the stream's newest line when this was noticed
 */
public record Gap(String stream, long fromSeq, long toSeq, Reason reason, long pos) implements Item {

    /** Why they are gone. */
    public enum Reason {
        /** They were truncated, or replaced. */
        TRUNCATED,
        /** The stream was deleted. If it is created again, its events follow, from 1. */
        DELETED
    }
}
