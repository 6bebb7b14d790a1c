package dev.daybook;

import org.jspecify.annotations.Nullable;

/**
 * The disk failed. {@link #reason()} says what that means for what comes next.
 */
public final class StoreFailedException extends DaybookException {
    private static final long serialVersionUID = 1;

    /** What failed. */
    public enum Reason {
        /** There was no room. Nothing of this append was written; the next one tries again (I7). */
        NO_SPACE("no-space"),
        /**
         * A write or a sync failed. Whether the appends of that group are stored is unknown; every later append throws this with the
         * first cause, reads go on, and the store must be closed and opened again (I7).
         */
        WRITE_FAILED("failed"),
        /** Something could not be read. Trying again may help. */
        READ_FAILED("unreadable");

        private final String code;

        Reason(String code) {
            this.code = code;
        }
    }

    private final Reason reason;

    public StoreFailedException(String message, Reason reason, @Nullable Throwable cause) {
        super(reason.code, message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }

    /** Whether the same call may succeed later, without reopening the store. */
    public boolean retryable() {
        return reason != Reason.WRITE_FAILED;
    }
}
