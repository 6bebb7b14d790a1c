package dev.daybook.view;

/** A stored block is not what was written. The view it is in has to be made again. */
final class DamagedBlockException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final long number;

    DamagedBlockException(long number, String reason) {
        super("block " + number + " is damaged: " + reason);
        this.number = number;
    }

    long number() {
        return number;
    }
}
