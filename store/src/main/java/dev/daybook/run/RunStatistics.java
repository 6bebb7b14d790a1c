package dev.daybook.run;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Figures over all ended attempts that a filter finds; its limit does not matter.
 *
 * @param all over everything
 * @param byWorkflow per workflow, in order; empty when that was not asked for
 * @param series per bucket of time, by the end of the attempt, oldest first; one in which nothing ended is left out
 * @param position how far the view was that answered
 */
public record RunStatistics(Figures all, Map<String, Figures> byWorkflow, List<Bucket> series, long position) {

    /**
     * Figures of some attempts. Durations are those of attempts that began; they are empty where there is none.
     *
     * @param total how many
     * @param byStatus how many ended how; they add up to the total
     * @param meanByStatus the mean duration of those that ended so
     * @param successRate completed of those that completed or failed, from 0 to 1; empty when there are none
     * @param mean of the durations, exact to the microsecond
     * @param p50 the exact median: the duration at rank ceil(0.5 n); empty too when percentiles were not asked for
     * @param p95 at rank ceil(0.95 n), likewise
     * @param p99 at rank ceil(0.99 n), likewise
     */
    public record Figures(
            long total,
            Map<RunStatus, Long> byStatus,
            Map<RunStatus, Duration> meanByStatus,
            Optional<Double> successRate,
            Optional<Duration> mean,
            Optional<Duration> p50,
            Optional<Duration> p95,
            Optional<Duration> p99) {}

    /**
     * Figures of a bucket of time.
     *
     * @param from its beginning
     * @param to the beginning of the next
     * @param figures of the attempts that ended between
     */
    public record Bucket(Instant from, Instant to, Figures figures) {}
}
