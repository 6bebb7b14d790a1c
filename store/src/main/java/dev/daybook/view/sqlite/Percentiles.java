package dev.daybook.view.sqlite;

import java.util.Arrays;

/**
 * Exact percentiles of numbers that are not negative, without sorting them all: they are counted by their leading six bits, which takes one pass; those of the one
 * bucket in which the rank lies are taken out in a second pass, split further where they are many, and sorted. Numbers that lie close together cost little more than others.
 */
final class Percentiles {
    /** So few are sorted at once. */
    private static final int SORTED_MAX = 2_048;

    /** 64 buckets of one number each, then 32 for each power of two. */
    private static final int BUCKETS = 64 + 57 * 32;

    private static final int STEP_BITS = 11;

    private Percentiles() {}

    /**
     * For each percent, 1 to 100, the number at rank ceil(percent / 100 * n).
     *
     * @param values of which {@code [from, to)} counts; may be put into another order
     * @return empty when there is no number
     */
    static long[] of(long[] values, int from, int to, int[] percents) {
        int n = to - from;
        if (n == 0) {
            return new long[0];
        }
        long[] found = new long[percents.length];
        if (n <= SORTED_MAX) {
            Arrays.sort(values, from, to);
            for (int i = 0; i < found.length; i++) {
                found[i] = values[from + rank(n, percents[i])];
            }
            return found;
        }
        int[] counts = new int[BUCKETS];
        for (int i = from; i < to; i++) {
            counts[bucket(values[i])]++;
        }
        for (int i = 0; i < found.length; i++) {
            int rank = rank(n, percents[i]);
            int bucket = 0;
            while (rank >= counts[bucket]) {
                rank -= counts[bucket++];
            }
            found[i] = bucket < 64 ? bucket : select(inBucket(values, from, to, bucket, counts[bucket]), rank, bucket);
        }
        return found;
    }

    /** From 0. Whole numbers, since 0.07 * 100 is more than 7. */
    private static int rank(int n, int percent) {
        return (int) (((long) n * percent + 99) / 100) - 1;
    }

    /** The place of the number's leading six bits among all that there can be. */
    private static int bucket(long value) {
        int shift = Math.max(0, 58 - Long.numberOfLeadingZeros(value));
        return (shift << 5) + (int) (value >>> shift);
    }

    private static long[] inBucket(long[] values, int from, int to, int bucket, int count) {
        int shift = shift(bucket);
        int leading = bucket - (shift << 5);
        long[] members = new long[count];
        int n = 0;
        for (int i = from; n < count && i < to; i++) {
            members[n] = values[i];
            n += values[i] >>> shift == leading ? 1 : 0;
        }
        return members;
    }

    /** How many bits the numbers of a bucket, none of the first 64, do not share. */
    private static int shift(int bucket) {
        return (bucket >>> 5) - 1;
    }

    /** The number of this rank among those of one bucket: while they are many, only those are kept that share the next bits with it. */
    private static long select(long[] members, int rank, int bucket) {
        int left = rank;
        int n = members.length;
        int shift = shift(bucket);
        while (n > SORTED_MAX && shift > 0) {
            int next = Math.max(0, shift - STEP_BITS);
            int mask = (1 << (shift - next)) - 1;
            int[] counts = new int[mask + 1];
            for (int i = 0; i < n; i++) {
                counts[(int) (members[i] >>> next) & mask]++;
            }
            int part = 0;
            while (left >= counts[part]) {
                left -= counts[part++];
            }
            int kept = 0;
            for (int i = 0; i < n; i++) {
                long member = members[i];
                members[kept] = member;
                kept += ((int) (member >>> next) & mask) == part ? 1 : 0;
            }
            n = kept;
            shift = next;
        }
        Arrays.sort(members, 0, n);
        return members[left];
    }
}
