package dev.daybook;

/**
 * The caller stopped waiting, because its time was up or it was interrupted. If {@link #outcomeUnknown()}, the append may still
 * become durable: appending again with the same producer tuple or event id resolves it. If not, it was never accepted.
 */
public final class AppendTimeoutException extends DaybookException {
    private static final long serialVersionUID = 1;
    private final boolean outcomeUnknown;

    public AppendTimeoutException(String why, boolean outcomeUnknown) {
        super(
                outcomeUnknown ? "unknown" : "timeout",
                why
                        + (outcomeUnknown
                                ? "; the outcome is unknown: append again with the same producer tuple or event id to"
                                        + " learn it"
                                : "; nothing was written"),
                null);
        this.outcomeUnknown = outcomeUnknown;
    }

    public boolean outcomeUnknown() {
        return outcomeUnknown;
    }
}
