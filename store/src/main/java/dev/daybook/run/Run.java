package dev.daybook.run;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A run that this program works on: it holds the lease. Thread-safe: steps may run on several threads at once.
 *
 * <p>Everything here, and {@code message}, {@code complete} and {@code fail}, needs the lease: when it is lost (it ran out, the run was killed, its time to end was up, another owner took it), the call throws
 * {@link dev.daybook.LeaseLostException} and nothing is written, not even half. Other errors are those of {@link RunRef}.
 */
public interface Run extends RunRef {

    /** Number of this attempt, from 1. */
    int attempt();

    /** The lease's number. */
    long generation();

    /**
     * A recorded unit of work. When this run has a record of a completed step of this name that counts, the body does not run and the recorded result is returned. Else the body runs, and on return its result is durable.
     * So the body runs at least once and is recorded at most once: make what it does outside harmless to repeat, or look before doing it again.
     *
     * <p>A body that throws is recorded as a failed try, and its exception comes out of here; the step can be asked for again. A name is asked for once in an attempt until
     * it fails: a second time is an {@link IllegalStateException}, so that a loop cannot get one result many times by mistake; number the names ({@code fetch/1}).
     *
     * <p>The start of a step is recorded with the next group of appends, at latest 10 ms later, if the step lasts that long; nobody waits for it.
     *
     * @param name 1 to 512 bytes; the same in every attempt
     */
    <E extends Exception> String step(String name, Body<String, E> body) throws E;

    /** A step without a result. */
    <E extends Exception> void step(String name, Action<E> body) throws E;

    /** A step with any result and its own options. The body is told of its step, to add messages and a state document that belong to it. */
    <T extends @Nullable Object, E extends Exception> T step(
            String name, Codec<T> codec, StepOptions options, StepBody<T, E> body) throws E;

    /** Replaces the state document, with a line that says so in the run. All or nothing. Inside a step, {@link Step#state} does it together with the step's record. */
    void checkpoint(String stateJson);

    /**
     * Starts a run below this one, or finds the one that an earlier attempt started: its id is this run's, a dot and the name. A run that crashed or failed is gone on with; one that completed is returned as it is.
     *
     * @return the run; see {@link RunRef#info()} for whether it is still to be worked on
     */
    Run child(String name, NewRun run);

    /** Whether somebody wants it to end. Long bodies look now and then; blocking ones are interrupted. */
    boolean cancelRequested();

    /** Ends it as cancelled, for its owner. */
    void cancelled(String reason);

    /** Ends it as interrupted: to be gone on with later. */
    void interrupted(String reason);

    /**
     * Says that the owner is alive, where a lease could run out ({@link Runs#claim}). Writes nothing. Every append of the owner says so, too, and for a {@link Worker}'s runs
     * the thread that works on it.
     *
     * @throws dev.daybook.LeaseLostException when it is not the owner any more
     * @throws dev.daybook.RunStateException when the run is over
     */
    void heartbeat();

    /**
     * Waits until a run that was queued has a slot, takes it and owns the run. Returns at once when it is started or has ended. Who waits so does not queue up: whoever is first to find a slot free has it.
     *
     * @return whether the run is started and owned by this; false when the time is up, it ended, or another one owns it
     */
    boolean awaitStarted(Duration timeout) throws InterruptedException;

    /** What a step does. */
    @FunctionalInterface
    interface Body<T extends @Nullable Object, E extends Exception> {
        T run() throws E;
    }

    /** What a step without a result does. */
    @FunctionalInterface
    interface Action<E extends Exception> {
        void run() throws E;
    }

    /** What a step does that adds to its record. */
    @FunctionalInterface
    interface StepBody<T extends @Nullable Object, E extends Exception> {
        T run(Step step) throws E;
    }
}
