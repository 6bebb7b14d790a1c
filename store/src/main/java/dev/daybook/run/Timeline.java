package dev.daybook.run;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Everything that happened in a run, folded from its stream.
 *
 * @param attempts oldest first
 * @param steps in the order in which they were first heard of
 */
public record Timeline(List<Attempt> attempts, List<StepRecord> steps) {

    /**
     * One try of the run.
     *
     * @param number from 1
     * @param status how it ended, or where it is
     * @param queued when it was queued
     * @param started when it began
     * @param ended when it ended
     * @param owner who worked on it
     * @param from where it went on: {@code current}, {@code previous}, {@code step}; empty for the first
     * @param reason why it crashed, was interrupted, cancelled, killed or dropped
     * @param exitCode as given
     * @param error as given
     */
    public record Attempt(
            int number,
            RunStatus status,
            Optional<Instant> queued,
            Optional<Instant> started,
            Optional<Instant> ended,
            Optional<String> owner,
            Optional<String> from,
            Optional<String> reason,
            Optional<Integer> exitCode,
            Optional<String> error) {}

    /** How a try of a step went. */
    public enum StepStatus {
        /** It has a start and no end, and its attempt is going on. */
        RUNNING,
        COMPLETED,
        FAILED,
        /** It was running when its attempt ended. */
        LOST,
        /** It was completed, and a later attempt went back to a point before it. */
        SET_ASIDE
    }

    /**
     * One try of a step.
     *
     * @param name the step
     * @param runAttempt in which attempt of the run
     * @param attempt number of the try, from 1
     * @param status how it went
     * @param started when its body began
     * @param duration how long it ran
     * @param error of a failed one
     * @param seq number of the event that ended it; 0 while there is none
     */
    public record StepRecord(
            String name,
            int runAttempt,
            int attempt,
            StepStatus status,
            Instant started,
            Optional<Duration> duration,
            Optional<String> error,
            long seq) {}
}
