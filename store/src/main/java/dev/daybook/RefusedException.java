package dev.daybook;

/** The stream's state forbids this. Nothing was written. */
public final class RefusedException extends DaybookException {
    private static final long serialVersionUID = 1;

    /** Why. */
    public enum Reason {
        /** The stream is closed. */
        STREAM_CLOSED,
        /** The stream's kind may only be written by its own API (I11). */
        WRONG_KIND,
        /** The payload's form does not fit the stream's content type. */
        CONTENT_TYPE,
        /** The stream exists already with another configuration, a run of this id exists, or the place where a store should be made holds one. */
        EXISTS,
        /** The stream has as many producers as one may have. */
        TOO_MANY_PRODUCERS,
        /** As many runs of this workflow are started or wait as its admission allows. */
        NO_SLOT,
        /** The store was opened for reading only. */
        READ_ONLY,
        /** The journal's newest line is from the future: see {@link DaybookOptions#acceptClock()}. */
        CLOCK
    }

    private final String stream;
    private final Reason reason;

    /** @param stream the stream, or empty when it is about the store */
    public RefusedException(String stream, Reason reason, String message) {
        super(
                reason.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-'),
                (stream.isEmpty() ? "" : "stream " + stream + ": ") + message + "; nothing was written",
                null);
        this.stream = stream;
        this.reason = reason;
    }

    public String stream() {
        return stream;
    }

    public Reason reason() {
        return reason;
    }
}
