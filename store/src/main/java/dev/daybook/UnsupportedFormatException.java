package dev.daybook;

import org.jspecify.annotations.Nullable;

/** The store was written by a newer Daybook, or needs a feature that this one does not know. Nothing was changed. */
public final class UnsupportedFormatException extends DaybookException {
    private static final long serialVersionUID = 1;

    public UnsupportedFormatException(String message, @Nullable Throwable cause) {
        super("unsupported", message, cause);
    }
}
