package dev.daybook;

/** Only the owner may do this, and the caller is not, or is no longer. Nothing was written. */
public final class LeaseLostException extends DaybookException {
    private static final long serialVersionUID = 1;

    private final String run;
    private final long generation;
    private final long actualGeneration;

    /** @param generation the caller's; 0 when it has none */
    public LeaseLostException(String run, long generation, long actualGeneration, String status, String owner) {
        super(
                "lease-lost",
                "run " + run + " is " + status + (owner.isEmpty() ? "" : ", owned by " + owner) + ", generation "
                        + actualGeneration + (generation == 0 ? "" : ", not " + generation) + "; nothing was written",
                null);
        this.run = run;
        this.generation = generation;
        this.actualGeneration = actualGeneration;
    }

    public String run() {
        return run;
    }

    public long generation() {
        return generation;
    }

    public long actualGeneration() {
        return actualGeneration;
    }
}
