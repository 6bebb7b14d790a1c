package dev.daybook;

/** The stream is not where the caller thought. Nothing was written. */
public final class ConflictException extends DaybookException {
    private static final long serialVersionUID = 1;

    /** What was compared. */
    public enum Subject {
        /** The last sequence number of the stream. */
        SEQ,
        /** The next sequence of a producer. */
        PRODUCER_SEQ,
        /** The epoch of a producer: a newer one has taken over (the caller is fenced off). */
        PRODUCER_EPOCH,
        /** The order token: it must be greater than the last one. */
        ORDER,
        /** The first sequence number still there. */
        FIRST_SEQ,
        /** Events of one batch of which some, not all, are already stored. */
        EVENT_ID,
        /** The version of a document, deletes counted; 0 for one that never was. */
        VERSION
    }

    private final String stream;
    private final Subject subject;
    private final String expected;
    private final String actual;

    public ConflictException(String stream, Subject subject, String expected, String actual) {
        super(
                "conflict",
                "stream " + stream + ": "
                        + subject.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ') + " expected " + expected
                        + ", actual " + actual + "; nothing was written",
                null);
        this.stream = stream;
        this.subject = subject;
        this.expected = expected;
        this.actual = actual;
    }

    public String stream() {
        return stream;
    }

    public Subject subject() {
        return subject;
    }

    /**
     * What the caller expected; a number except for {@link Subject#ORDER} and {@link Subject#EVENT_ID}, and for a {@link Subject#VERSION} that was
     * to have a value, or none: then these words.
     */
    public String expected() {
        return expected;
    }

    /** What there is; of a {@link Subject#VERSION} always the number. */
    public String actual() {
        return actual;
    }
}
