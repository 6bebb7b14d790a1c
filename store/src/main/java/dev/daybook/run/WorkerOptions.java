package dev.daybook.run;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * How a worker works. Immutable.
 *
 * @param concurrency how many runs at once, at least 1; 1 by default. The workflow's {@link Admission} holds besides
 * @param attempts how many attempts a run gets by itself, the first included, at least 1; 3 by default
 * @param lease how long a run stays started whose thread is gone without having been able to end it, a millisecond to 24 days; 30 s by default. While the body's thread lives, the worker speaks for it
 * @param resumeInterrupted whether runs that a drain interrupted are gone on with like crashed ones; true by default
 * @param drainTimeout how long closing waits for running bodies; 30 s by default
 * @param owner the name in the journal, 1 to 256 bytes; null for one made of the process id and a number
 * @param executor where bodies run; null for threads of the store, one for each run. One that refuses is asked again a second later; one that drops work without a word, or does it on the
 *     thread that hands it out, is none for this
 */
public record WorkerOptions(
        int concurrency,
        int attempts,
        Duration lease,
        boolean resumeInterrupted,
        Duration drainTimeout,
        @Nullable String owner,
        @Nullable Executor executor) {

    public WorkerOptions {
        if (concurrency < 1 || attempts < 1) {
            throw new IllegalArgumentException("concurrency and attempts must be 1 or more");
        }
        Objects.requireNonNull(lease);
        Objects.requireNonNull(drainTimeout);
    }

    public static WorkerOptions defaults() {
        return new WorkerOptions(1, 3, Duration.ofSeconds(30), true, Duration.ofSeconds(30), null, null);
    }

    public WorkerOptions withConcurrency(int value) {
        return new WorkerOptions(value, attempts, lease, resumeInterrupted, drainTimeout, owner, executor);
    }

    public WorkerOptions withAttempts(int value) {
        return new WorkerOptions(concurrency, value, lease, resumeInterrupted, drainTimeout, owner, executor);
    }

    public WorkerOptions withLease(Duration value) {
        return new WorkerOptions(concurrency, attempts, value, resumeInterrupted, drainTimeout, owner, executor);
    }

    public WorkerOptions withResumeInterrupted(boolean value) {
        return new WorkerOptions(concurrency, attempts, lease, value, drainTimeout, owner, executor);
    }

    public WorkerOptions withDrainTimeout(Duration value) {
        return new WorkerOptions(concurrency, attempts, lease, resumeInterrupted, value, owner, executor);
    }

    public WorkerOptions withOwner(String value) {
        return new WorkerOptions(concurrency, attempts, lease, resumeInterrupted, drainTimeout, value, executor);
    }

    public WorkerOptions withExecutor(Executor value) {
        return new WorkerOptions(concurrency, attempts, lease, resumeInterrupted, drainTimeout, owner, value);
    }
}
