package dev.daybook.view.sqlite;

import dev.daybook.internal.time.Timestamps;
import java.util.Arrays;

/** What a block's attempts amount to, one row per day, workflow and status. */
final class Sums {
    private static final int WORKFLOW_BITS = 14;
    private static final int STATUS_BITS = 4;
    private static final long SPREAD = 0x9E37_79B9_7F4A_7C15L;

    /** Its ends are the beginnings of the days. */
    final Columns columns;

    private final int[] counts;
    private final int[] timed;
    private final long[] high;
    private final long[] low;

    private Sums(Columns columns) {
        this.columns = columns;
        counts = new int[columns.count];
        timed = new int[columns.count];
        high = new long[columns.count];
        low = new long[columns.count];
    }

    static Sums of(Block block) {
        int n = block.count();
        int[] sumOf = new int[n];
        // An open hash table: keys, and which sum belongs to each, plus 1.
        int bits = 33 - Integer.numberOfLeadingZeros(n);
        long[] keys = new long[1 << bits];
        int[] numbers = new int[1 << bits];
        long[] days = new long[n];
        short[] workflows = new short[n];
        byte[] statuses = new byte[n];
        int count = 0;
        for (int i = 0; i < n; i++) {
            long day = Timestamps.day(block.ends[i]);
            long key = (day << WORKFLOW_BITS | block.workflows[i]) << STATUS_BITS | block.statuses[i];
            int slot = (int) (key * SPREAD >>> (64 - bits));
            while (numbers[slot] != 0 && keys[slot] != key) {
                slot = (slot + 1) & (numbers.length - 1);
            }
            if (numbers[slot] == 0) {
                days[count] = day * Timestamps.MICROS_PER_DAY;
                workflows[count] = block.workflows[i];
                statuses[count] = block.statuses[i];
                keys[slot] = key;
                numbers[slot] = ++count;
            }
            sumOf[i] = numbers[slot] - 1;
        }
        Sums sums = new Sums(new Columns(
                count, Arrays.copyOf(days, count), Arrays.copyOf(workflows, count), Arrays.copyOf(statuses, count)));
        for (int i = 0; i < n; i++) {
            sums.add(sumOf[i], block.durations[i]);
        }
        return sums;
    }

    private void add(int row, long duration) {
        counts[row]++;
        if (duration >= 0) {
            timed[row]++;
            high[row] += duration >>> 32;
            low[row] += duration & 0xffff_ffffL;
        }
    }

    void addTo(Figures figures, int row) {
        figures.add(columns.statuses[row], counts[row], timed[row], high[row], low[row]);
    }
}
