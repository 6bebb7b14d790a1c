package dev.daybook;

import org.jspecify.annotations.Nullable;

/**
 * The disk failed. If {@link #retryable()}, there was no room and nothing of this append was written: the next one tries again. If
 * not, the first failure is final: whether the appends of the failed group are stored is unknown, every later append throws this
 * with the same cause, reads go on, and the store must be reopened (I7).
 */
public final class StoreFailedException extends DaybookException {
    private static final long serialVersionUID = 1;
    private final boolean retryable;

    public StoreFailedException(String message, boolean retryable, @Nullable Throwable cause) {
        super(retryable ? "no-space" : "failed", message, cause);
        this.retryable = retryable;
    }

    public boolean retryable() {
        return retryable;
    }
}
