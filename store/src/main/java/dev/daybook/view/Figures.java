package dev.daybook.view;

import java.math.BigInteger;
import java.util.OptionalLong;

/** Figures of one group of ended attempts. Gathered by {@link Blocks}, which then hands it out and leaves it alone. */
final class Figures {
    private final long[] byStatus = new long[Block.STATUSES];

    /** Attempts with a duration. */
    private long timed;

    /** The sum of the durations in two halves, {@code high << 32} and low: a few durations of ten thousand years are more than 63 bits. */
    private long high;

    private long low;

    /** For {@link Blocks}: where the next of its durations goes. */
    int place;

    private int[] percents = {};
    private long[] percentiles = {};

    /** One attempt. */
    void add(int status, long duration) {
        byStatus[status]++;
        if (duration >= 0) {
            timed++;
            high += duration >>> 32;
            low += duration & 0xffff_ffffL;
        }
    }

    /** Attempts that ended alike, added up. */
    void add(int status, long attempts, long timed, long high, long low) {
        byStatus[status] += attempts;
        this.timed += timed;
        this.high += high;
        this.low += low;
    }

    void percentiles(int[] percents, long[] values) {
        this.percents = percents;
        percentiles = values;
    }

    long total() {
        long total = 0;
        for (long n : byStatus) {
            total += n;
        }
        return total;
    }

    /** How many ended with this status. */
    long count(int status) {
        return byStatus[status];
    }

    /** How many have a duration. */
    long timed() {
        return timed;
    }

    /** Of those that have a duration: exact, rounded to the nearest microsecond. */
    OptionalLong mean() {
        if (timed == 0) {
            return OptionalLong.empty();
        }
        BigInteger sum = BigInteger.valueOf(high).shiftLeft(32).add(BigInteger.valueOf(low));
        BigInteger half = BigInteger.valueOf(timed / 2);
        return OptionalLong.of(sum.add(half).divide(BigInteger.valueOf(timed)).longValueExact());
    }

    /**
     * The exact duration at rank ceil(percent / 100 * n) of the n that there are.
     *
     * @param percent one of those that were asked for
     */
    OptionalLong percentile(int percent) {
        for (int i = 0; i < percents.length; i++) {
            if (percents[i] == percent) {
                return timed == 0 ? OptionalLong.empty() : OptionalLong.of(percentiles[i]);
            }
        }
        throw new IllegalArgumentException("percentile " + percent + " was not asked for");
    }
}
