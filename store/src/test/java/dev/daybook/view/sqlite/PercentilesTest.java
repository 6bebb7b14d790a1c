package dev.daybook.view.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

/** Against sorting everything. */
final class PercentilesTest {
    private static final long SEED = Long.getLong("seed", 20_261_121);
    private static final int[] EACH = new int[100];

    static {
        Arrays.setAll(EACH, i -> i + 1);
    }

    private final Random random = new Random(SEED);

    @Test
    void everyPercentileOfAnyNumberOfNumbersIsThatOfTheSortedOnes() {
        for (int n = 1; n < 300; n++) {
            check(n, () -> random.nextInt(1_000));
        }
        check(2_048, () -> random.nextInt(1_000));
        check(2_049, () -> random.nextInt(1_000));
    }

    @Test
    void numbersOfAllSizesFindTheirBucket() {
        check(50_000, () -> random.nextLong() >>> (1 + random.nextInt(63)));
        check(50_000, () -> 1L << random.nextInt(63));
        check(50_000, () -> (1L << random.nextInt(63)) - 1);
    }

    @Test
    void numbersThatLieCloseTogetherAreSplitFurther() {
        check(50_000, () -> 60_000_000_000L + random.nextInt(10_000_000));
        check(50_000, () -> Long.MAX_VALUE - random.nextInt(5));
        check(50_000, () -> random.nextInt(10) == 0 ? random.nextLong() >>> 1 : 7_000_000_000L + random.nextInt(3));
    }

    @Test
    void numbersThatAreAllAlikeAreFound() {
        check(50_000, () -> 0);
        check(50_000, () -> 123_456_789_012L);
        check(50_000, () -> Long.MAX_VALUE);
    }

    @Test
    void ofNothingThereIsNoPercentile() {
        assertThat(Percentiles.of(new long[9], 4, 4, new int[] {50})).isEmpty();
    }

    private static void check(int n, LongSupplier numbers) {
        long[] values = new long[n + 20];
        Arrays.fill(values, -1);
        for (int i = 10; i < n + 10; i++) {
            values[i] = numbers.getAsLong();
        }
        long[] sorted = Arrays.copyOfRange(values, 10, n + 10);
        Arrays.sort(sorted);
        long[] expected = new long[EACH.length];
        Arrays.setAll(expected, i -> sorted[(n * EACH[i] + 99) / 100 - 1]);
        assertThat(Percentiles.of(values, 10, n + 10, EACH))
                .as("%d, seed %d", n, SEED)
                .isEqualTo(expected);
    }
}
