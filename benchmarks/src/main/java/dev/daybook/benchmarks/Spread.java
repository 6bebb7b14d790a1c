package dev.daybook.benchmarks;

import java.util.Arrays;
import java.util.Locale;

/** Median, least and greatest of what the rounds gave. */
record Spread(double median, double min, double max) {

    static Spread of(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int n = sorted.length;
        double median = n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
        return new Spread(median, sorted[0], sorted[n - 1]);
    }

    String asRatio() {
        return "%s x (%s..%s)".formatted(two(median), two(min), two(max));
    }

    String asNumber() {
        return "%s (%s..%s)".formatted(number(median), number(min), number(max));
    }

    static String number(double value) {
        double size = Math.abs(value);
        return String.format(Locale.ROOT, size >= 100 ? "%,.0f" : size >= 10 ? "%.1f" : "%.2f", value);
    }

    private static String two(double value) {
        return String.format(Locale.ROOT, value >= 100 ? "%.0f" : "%.2f", value);
    }
}
