package dev.daybook.cli;

/** A line of the input could not be appended. */
final class LineFailure extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final long line;
    private final Throwable why;

    LineFailure(long line, Throwable why) {
        super(why);
        this.line = line;
        this.why = why;
    }

    /** Its number, from 1. */
    long line() {
        return line;
    }

    Throwable why() {
        return why;
    }
}
