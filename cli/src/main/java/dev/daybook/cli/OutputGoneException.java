package dev.daybook.cli;

/** Nobody reads standard output any more. */
final class OutputGoneException extends RuntimeException {
    private static final long serialVersionUID = 1;

    OutputGoneException() {
        super("standard output is closed", null, false, false);
    }
}
