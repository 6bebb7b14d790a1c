package dev.daybook.view.sqlite;

import java.math.BigInteger;
import java.util.OptionalLong;
import java.util.stream.LongStream;

/** Figures of one group of ended attempts. Gathered by {@link Blocks}, which then hands it out and leaves it alone. */
final class Figures {
    private final long[] byStatus = new long[Block.STATUSES];

    /** By status: attempts with a duration. */
    private final long[] timed = new long[Block.STATUSES];

    /** By status the sum of the durations in two halves, {@code high << 32} and low: a few durations of ten thousand years are more than 63 bits. */
    private final long[] high = new long[Block.STATUSES];

    private final long[] low = new long[Block.STATUSES];

    /** For {@link Blocks}: where the next of its durations goes. */
    int place;

    private int[] percents = {};
    private long[] percentiles = {};

    /** One attempt. */
    void add(int status, long duration) {
        byStatus[status]++;
        if (duration >= 0) {
            timed[status]++;
            high[status] += duration >>> 32;
            low[status] += duration & 0xffff_ffffL;
        }
    }

    /** Attempts that ended alike, added up. */
    void add(int status, long attempts, long timed, long high, long low) {
        byStatus[status] += attempts;
        this.timed[status] += timed;
        this.high[status] += high;
        this.low[status] += low;
    }

    void percentiles(int[] percents, long[] values) {
        this.percents = percents;
        percentiles = values;
    }

    long total() {
        return LongStream.of(byStatus).sum();
    }

    /** How many ended with this status. */
    long count(int status) {
        return byStatus[status];
    }

    /** How many have a duration. */
    long timed() {
        return LongStream.of(timed).sum();
    }

    /** Of those that have a duration: exact, rounded to the nearest microsecond. */
    OptionalLong mean() {
        return mean(timed(), sum(LongStream.of(high).sum(), LongStream.of(low).sum()));
    }

    /** The same of those that ended with this status. */
    OptionalLong mean(int status) {
        return mean(timed[status], sum(high[status], low[status]));
    }

    private static BigInteger sum(long high, long low) {
        return BigInteger.valueOf(high).shiftLeft(32).add(BigInteger.valueOf(low));
    }

    private static OptionalLong mean(long count, BigInteger sum) {
        if (count == 0) {
            return OptionalLong.empty();
        }
        BigInteger half = BigInteger.valueOf(count / 2);
        return OptionalLong.of(sum.add(half).divide(BigInteger.valueOf(count)).longValueExact());
    }

    /**
     * The exact duration at rank ceil(percent / 100 * n) of the n that there are.
     *
     * @param percent one of those that were asked for
     */
    OptionalLong percentile(int percent) {
        for (int i = 0; i < percents.length; i++) {
            if (percents[i] == percent) {
                return timed() == 0 ? OptionalLong.empty() : OptionalLong.of(percentiles[i]);
            }
        }
        throw new IllegalArgumentException("percentile " + percent + " was not asked for");
    }
}
