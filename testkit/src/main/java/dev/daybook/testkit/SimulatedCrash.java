package dev.daybook.testkit;

/**
 * The process that made this call is dead. An {@link Error}, so that no handler for failures takes it for one; only a harness
 * catches it.
 */
public final class SimulatedCrash extends Error {
    private static final long serialVersionUID = 1;

    public SimulatedCrash(String message) {
        super(message, null, false, false); // thousands a second: no stack trace
    }
}
