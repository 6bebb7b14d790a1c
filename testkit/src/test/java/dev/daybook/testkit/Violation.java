package dev.daybook.testkit;

import dev.daybook.CorruptJournalException;

/** A promise that a store did not keep, as a crash test saw it. */
final class Violation extends AssertionError {
    private static final long serialVersionUID = 1;

    /** Which promise. A planted bug must be found by the one that it breaks. */
    enum Kind {
        /** An acknowledged event is gone. */
        LOST,
        /** An acknowledged event is gone, and the store itself says so: it refuses to open because something is missing. */
        MISSED,
        /** Something was served, to a reader or after an opening, that was not durable: it is gone, or cannot be read. */
        PHANTOM,
        /** A position or a sequence number was given out twice. */
        GIVEN_TWICE,
        /** Damage was passed over in silence, or cut away. */
        DAMAGE_PASSED,
        /** A store that nobody damaged is refused, for another reason. */
        REFUSED,
        /** After a final failure the store went on, or forgot the failure. */
        FAILURE_FORGOTTEN,
        /** Something else that differs from the model: a wrong answer, an event too many, a batch in part. */
        WRONG,
        /** No answer, no end. */
        STUCK
    }

    private final Kind kind;

    Violation(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** What it means that a store that nobody damaged is refused. */
    static Kind refused(Throwable problem) {
        return problem instanceof CorruptJournalException corrupt
                        && (corrupt.reason().contains("missing")
                                || corrupt.reason().contains("was on stable storage"))
                ? Kind.MISSED
                : Kind.REFUSED;
    }

    Kind kind() {
        return kind;
    }
}
