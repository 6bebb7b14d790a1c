package dev.daybook.journal;

/**
 * Bugs that the crash tests plant to prove that they would find them. None is active unless the system property
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
    NO_RESYNC_AT_OPEN;

    private static volatile String active = System.getProperty("daybook.planted.bug", "");

    static boolean active(PlantedBug bug) {
        return !active.isEmpty() && active.equals(bug.name());
    }

    /** For tests in this JVM; the empty name plants none. */
    static void plant(String name) {
        active = name;
    }
}
