package dev.daybook;

/** There is no run of this id. */
public final class RunNotFoundException extends DaybookException {
    private static final long serialVersionUID = 1;

    private final String run;

    public RunNotFoundException(String run) {
        super("run-not-found", "there is no run " + run, null);
        this.run = run;
    }

    public String run() {
        return run;
    }
}
