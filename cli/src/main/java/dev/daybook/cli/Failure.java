package dev.daybook.cli;

/** What the command line itself has to say no to. */
final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final int status;
    private final String code;
    private final String hint;

    Failure(int status, String code, String message) {
        this(status, code, message, "");
    }

    Failure(int status, String code, String message, String hint) {
        super(message);
        this.status = status;
        this.code = code;
        this.hint = hint;
    }

    static Failure usage(String message) {
        return new Failure(Exit.USAGE, "usage", message);
    }

    int status() {
        return status;
    }

    String code() {
        return code;
    }

    /** Where to read on: for people, not for programs. */
    String hint() {
        return hint;
    }
}
