package dev.daybook.cli;

/** Exit statuses: part of the contract, never renumbered. */
final class Exit {
    static final int OK = 0;
    static final int CONDITION_NOT_MET = 1;
    static final int USAGE = 2;
    static final int NOT_FOUND = 3;
    static final int CONFLICT = 4;
    static final int LOCKED = 5;
    static final int CORRUPT = 6;
    static final int TIMED_OUT = 7;
    static final int STORAGE_FAILED = 8;

    /** A defect of Daybook itself; outside of the contract's numbers so that no script takes it for an answer. */
    static final int DEFECT = 70;

    private Exit() {}
}
