package dev.daybook;

import org.jspecify.annotations.Nullable;

/** What every exception of Daybook is. Its {@link #code()} is stable, for programs; its message is for people. */
public abstract sealed class DaybookException extends RuntimeException
        permits AppendTimeoutException,
                ConflictException,
                CorruptJournalException,
                InvalidEventException,
                LeaseLostException,
                RefusedException,
                RunNotFoundException,
                RunStateException,
                StoreClosedException,
                StoreFailedException,
                StoreLockedException,
                StoreNotFoundException,
                StreamNotFoundException,
                UnsupportedFormatException,
                ViewBehindException {
    private static final long serialVersionUID = 1;
    private final String code;

    DaybookException(String code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    /** A word that never changes, such as {@code conflict}. */
    public final String code() {
        return code;
    }
}
