package dev.daybook.run;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * One ended attempt of a run, as the history keeps it: a run that failed and was gone on with has two.
 *
 * @param run the id of the run
 * @param workflow its workflow
 * @param attempt number of the attempt
 * @param status how it ended
 * @param started when it began; empty when it never did
 * @param ended when it ended
 * @param duration between the two; 0 when it is said to have begun after its end
 * @param exitCode as given
 * @param error its first 1,000 characters
 */
public record AttemptRecord(
        String run,
        String workflow,
        int attempt,
        RunStatus status,
        Optional<Instant> started,
        Instant ended,
        Optional<Duration> duration,
        Optional<Integer> exitCode,
        Optional<String> error) {}
