package dev.daybook.benchmarks;

import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * One measurement.
 *
 * @param value a rate (events/s) or a time (ms), as the benchmark says
 * @param nanos how long single operations took, where that was looked at
 * @param operations how many were done in all, also before the clock started
 */
record Figure(double value, @Nullable Histogram nanos, long operations) {

    static Figure of(double value) {
        return new Figure(value, null, 0);
    }

    static Histogram histogram() {
        return new Histogram(60_000_000_000L, 3);
    }

    double percentileMicros(double percentile) {
        if (nanos == null) {
            throw new IllegalStateException("no times were taken");
        }
        return nanos.getValueAtPercentile(percentile) / 1_000.0;
    }
}
