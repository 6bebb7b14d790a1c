package dev.daybook.run;

import dev.daybook.document.Document;
import dev.daybook.stream.Appended;
import dev.daybook.stream.Subscription;
import java.time.Duration;
import java.util.Optional;

/**
 * A run, seen from outside. A handle: cheap, thread-safe, good for ever; each call looks anew.
 *
 * <p>What writes is durable on return as {@link dev.daybook.Durability} says, is decided on the commit thread, and throws, with nothing written,
 * {@link dev.daybook.RunNotFoundException}, {@link dev.daybook.RunStateException} when the run's status does not allow it (with the actual one),
 * {@link dev.daybook.LeaseLostException} when only the owner may do it, {@link dev.daybook.InvalidEventException} when a limit is broken; and what
 * {@link dev.daybook.stream.Stream} throws when the store cannot.
 */
public interface RunRef {

    String id();

    /** What is known now, from the journal itself; no view is asked. */
    RunInfo info();

    /** Its newest trigger payload as JSON, overrides merged in. */
    Optional<String> input();

    /** What the newest attempt completed with, as JSON. */
    Optional<String> output();

    /** Its messages. */
    RunThread thread();

    /** Its attempts and their steps, oldest first. Reads the run's stream. */
    Timeline timeline();

    /** Its state document. */
    Optional<Document> state();

    /** Its events from a number on (0 for all), then live. Does not end by itself: {@link RunEvents#status} tells when a run is over. */
    Subscription subscribe(long afterSeq);

    /**
     * Adds a message, whoever owns the run, unless it is completed, killed or dropped.
     *
     * @return where it went; {@link Appended#duplicate()} when its id was there already
     */
    Appended message(NewMessage message);

    /** Adds a text. */
    default Appended message(String role, String text) {
        return message(NewMessage.text(role, text));
    }

    /** Ends a started run well. For its owner, or for anybody when it has none. */
    void complete(String outputJson);

    /** {@link #complete(String)} without an output. */
    void complete();

    /** Ends a started run with an error, like {@link #complete(String)}. */
    void fail(String error);

    /** Ends a started run with an error and an exit code. */
    void fail(String error, int exitCode);

    /**
     * Wants it to end. A queued run, and a started one without an owner, is cancelled on return. A started one with an owner is asked: its code is interrupted and
     * {@link Run#cancelRequested()} is true; this waits until it ended, and after the grace takes the lease away and cancels it. If it completes first, it is completed.
     */
    void cancel(String reason, Duration grace);

    /** Ends it at once and for good, whoever owns it. */
    void kill(String reason);

    /**
     * Waits until the current attempt has ended.
     *
     * @return its status; empty when the time is up
     */
    Optional<RunStatus> awaitEnd(Duration timeout) throws InterruptedException;
}
