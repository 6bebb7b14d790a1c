package dev.daybook.run;

import java.time.Duration;
import java.time.temporal.ChronoUnit;

/**
 * What figures are wanted. Immutable.
 *
 * @param percentiles whether p50, p95 and p99 are; they take most of the time
 * @param byWorkflow whether figures of each workflow are
 * @param bucket length of the buckets of time whose figures are wanted, 1 minute to 10,000 days, counted from 1970 in UTC; zero for none
 */
public record StatisticsOptions(boolean percentiles, boolean byWorkflow, Duration bucket) {
    private static final Duration BUCKET_MIN = Duration.ofMinutes(1);
    private static final Duration BUCKET_MAX = Duration.ofDays(10_000);

    public StatisticsOptions {
        boolean fits = bucket.compareTo(BUCKET_MIN) >= 0 && bucket.compareTo(BUCKET_MAX) <= 0;
        if (!bucket.isZero() && (!fits || !bucket.equals(bucket.truncatedTo(ChronoUnit.MICROS)))) {
            throw new IllegalArgumentException(
                    "a bucket is 1 minute to 10,000 days long, of whole microseconds, not " + bucket);
        }
    }

    /** Figures over everything that is found, with percentiles. */
    public static StatisticsOptions total() {
        return new StatisticsOptions(true, false, Duration.ZERO);
    }

    public StatisticsOptions withPercentiles(boolean wanted) {
        return new StatisticsOptions(wanted, byWorkflow, bucket);
    }

    public StatisticsOptions withWorkflows(boolean wanted) {
        return new StatisticsOptions(percentiles, wanted, bucket);
    }

    public StatisticsOptions withBucket(Duration length) {
        return new StatisticsOptions(percentiles, byWorkflow, length);
    }
}
