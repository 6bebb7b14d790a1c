package dev.daybook;

import org.jspecify.annotations.Nullable;

/** The store was closed, by this program. What was acknowledged before is kept. */
public final class StoreClosedException extends DaybookException {
    private static final long serialVersionUID = 1;

    public StoreClosedException(String message, @Nullable Throwable cause) {
        super("closed", message, cause);
    }
}
