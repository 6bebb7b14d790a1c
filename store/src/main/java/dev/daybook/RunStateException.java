package dev.daybook;

/** The run's status does not allow this. Nothing was written. */
public final class RunStateException extends DaybookException {
    private static final long serialVersionUID = 1;

    private final String run;
    private final String actual;
    private final String wanted;

    public RunStateException(String run, String actual, String wanted) {
        super(
                "run-state",
                "run " + run + " is " + actual + ", which does not allow: " + wanted + "; nothing was written",
                null);
        this.run = run;
        this.actual = actual;
        this.wanted = wanted;
    }

    public String run() {
        return run;
    }

    /** The status it has, as it stands in the journal. */
    public String actual() {
        return actual;
    }

    /** What was to be done: a status, or a kind of event. */
    public String wanted() {
        return wanted;
    }
}
