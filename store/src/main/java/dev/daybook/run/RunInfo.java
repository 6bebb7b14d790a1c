package dev.daybook.run;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * What is known of a run without its events.
 *
 * @param id its id
 * @param workflow its workflow
 * @param status where it is
 * @param statusText the status as it stands in the journal; another word only when it is {@link RunStatus#UNKNOWN}
 * @param attempt the number of the newest attempt, from 1
 * @param created when it was queued, started or dropped first
 * @param started when the newest attempt began
 * @param ended when the newest attempt ended
 * @param owner who holds its lease
 * @param generation how often the lease was given or taken; 0 if never
 * @param exitCode of the newest attempt
 * @param error of the newest attempt
 * @param parent the run that started it
 * @param tags its tags
 */
public record RunInfo(
        String id,
        String workflow,
        RunStatus status,
        String statusText,
        int attempt,
        Instant created,
        Optional<Instant> started,
        Optional<Instant> ended,
        Optional<String> owner,
        long generation,
        Optional<Integer> exitCode,
        Optional<String> error,
        Optional<String> parent,
        Map<String, String> tags) {

    /** From the beginning of the newest attempt to its end; 0 when it is said to have begun after that. */
    public Optional<Duration> duration() {
        return started.flatMap(from -> ended.map(to -> to.isBefore(from) ? Duration.ZERO : Duration.between(from, to)));
    }
}
