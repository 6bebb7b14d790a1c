package dev.daybook.run;

import java.time.Duration;

/** Works on the queued runs of one workflow: {@link Runs#worker}. Thread-safe. */
public interface Worker extends AutoCloseable {

    /** Runs that are being worked on. */
    int running();

    /**
     * Ends: takes no more runs, and waits for those at work. What does not finish in time becomes interrupted: its lease is taken away, its thread interrupted; whatever it still does, it cannot write to
     * the run any more. An interrupt ends the waiting. Called
     * from a body, it does not wait for that one. Durable on return; a store that cannot write any more leaves them to the next opening, which crashes them.
     *
     * @return how many became interrupted by this
     */
    int drain(Duration timeout);

    /** {@link #drain} with the time of its options. Closing the store does this first. Idempotent. */
    @Override
    void close();
}
