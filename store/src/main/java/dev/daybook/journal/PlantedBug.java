package dev.daybook.journal;

/**
 * Bugs that tests plant to prove that they would find them. None is active unless the system property
 * {@code daybook.planted.bug} names it.
 */
enum PlantedBug {
    /** Acknowledge before the sync. */
    ACK_EARLY,
    /** Sync again after a failed sync, and believe it. */
    RETRY_SYNC,
    /** Cut at a bad line wherever it is. */
    CUT_MIDDLE,
    /** Give a sequence number out again after a truncation. */
    REUSE_SEQ,
    /** Serve doubtful lines without making them durable. */
    NO_RESYNC_AT_OPEN,
    /** Let an owner write without comparing its generation with the run's. */
    NO_FENCE,
    /** Believe the clock that a lease ran out, whoever owns the run by then. */
    EXPIRE_BY_CLOCK;

    private static volatile String active = System.getProperty("daybook.planted.bug", "");

    static boolean active(PlantedBug bug) {
        return !active.isEmpty() && active.equals(bug.name());
    }

    /** For tests in this JVM; the empty name plants none. */
    static void plant(String name) {
        active = name;
    }
}
