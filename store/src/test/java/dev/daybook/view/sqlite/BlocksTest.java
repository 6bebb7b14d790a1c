package dev.daybook.view.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.daybook.internal.time.Timestamps;
import dev.daybook.run.StatisticsOptions;
import dev.daybook.view.sqlite.Blocks.Filter;
import dev.daybook.view.sqlite.Blocks.Found;
import dev.daybook.view.sqlite.Blocks.Listed;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Blocks against a plain list of the same attempts, with random filters. {@code -Dseed=} replays. */
final class BlocksTest {
    private static final long SEED = Long.getLong("seed", 20_261_121);
    private static final long DAY = Timestamps.MICROS_PER_DAY;
    private static final long NOW = 20_778 * DAY + DAY / 3;
    private static final int[] PERCENTS = {1, 50, 95, 99, 100};

    private record Attempt(long position, long end, long duration, String workflow, int status) {}

    /** A stand-in for the table of blocks. */
    private static final class Table {
        final TreeMap<Long, Block> blocks = new TreeMap<>();
        int reads;

        void add(Attempt a) {
            blocks.computeIfAbsent(Block.numberOf(a.position), Block::new)
                    .add(a.position, a.end, a.duration, a.workflow, a.status);
        }

        List<Listed> listed() {
            return blocks.entrySet().stream()
                    .map(block -> new Listed(
                            block.getKey(), Block.checksum(block.getValue().bytes())))
                    .toList();
        }

        byte[] bytes(long number) {
            reads++;
            return blocks.get(number).bytes();
        }

        Blocks after(Blocks before) {
            return before.at(listed(), null, this::bytes);
        }
    }

    @Test
    void figuresAreThoseOfAPlainList() {
        for (int round = 0; round < 12; round++) {
            Random random = new Random(SEED + round);
            List<Attempt> attempts = attempts(random, round);
            Blocks blocks = blocks(attempts);
            for (int i = 0; i < 25; i++) {
                Filter filter = filter(random, attempts);
                List<Attempt> found = found(attempts, filter);
                String as = "seed " + (SEED + round) + ", query " + i + ": " + filter;
                check(as, blocks.figures(filter, PERCENTS), found, PERCENTS);
                check(as, blocks.byWorkflow(filter, Integer.MAX_VALUE, PERCENTS), groups(found, Attempt::workflow));
                for (long length : new long[] {60_000_000L, DAY / 24, DAY, 7 * DAY, DAY + 1}) {
                    check(
                            as + " by " + length,
                            blocks.byTime(filter, length, Integer.MAX_VALUE, PERCENTS),
                            groups(found, a -> Math.floorDiv(a.end, length) * length));
                }
            }
        }
    }

    @Test
    void newestArePagedThroughInTheOrderOfAPlainList() {
        for (int round = 0; round < 12; round++) {
            Random random = new Random(SEED + round);
            List<Attempt> attempts = attempts(random, round);
            Blocks blocks = blocks(attempts);
            for (int i = 0; i < 20; i++) {
                Filter filter = filter(random, attempts);
                List<Found> expected = found(attempts, filter).stream()
                        .map(a -> new Found(a.end, a.position))
                        .sorted(Comparator.reverseOrder())
                        .toList();
                int limit = 1 + random.nextInt(expected.size() / 2 + 10);
                List<Found> all = new ArrayList<>();
                List<Found> page = blocks.newest(filter, null, limit);
                while (!page.isEmpty()) {
                    assertThat(page).hasSizeLessThanOrEqualTo(limit);
                    all.addAll(page);
                    page = blocks.newest(filter, page.get(page.size() - 1), limit);
                }
                assertThat(all)
                        .as("seed %d, query %d: %s", SEED + round, i, filter)
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void nothingIsFoundInNothing() {
        assertThat(Blocks.NONE.figures(Filter.ALL, 50).total()).isZero();
        assertThat(Blocks.NONE.figures(Filter.ALL, 50).mean()).isEmpty();
        assertThat(Blocks.NONE.figures(Filter.ALL, 50).percentile(50)).isEmpty();
        assertThat(Blocks.NONE.byWorkflow(Filter.ALL, 10, 50)).isEmpty();
        assertThat(Blocks.NONE.byTime(Filter.ALL, DAY, 10, 50)).isEmpty();
        assertThat(Blocks.NONE.newest(Filter.ALL, null, 10)).isEmpty();
    }

    @Test
    void percentileThatWasNotAskedForIsRefused() {
        assertThatThrownBy(() -> Blocks.NONE.figures(Filter.ALL, 50).percentile(95))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void moreGroupsThanFitAreRefused() {
        List<Attempt> attempts = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            attempts.add(new Attempt(i + 1, NOW, 1, "w" + i, 2));
        }
        StatisticsOptions options = StatisticsOptions.total();
        StatisticsOptions each = options.withWorkflows(true);
        assertThat(RunFigures.of(blocks(attempts), Filter.ALL, each, 1).byWorkflow())
                .hasSize(10_000);
        attempts.add(new Attempt(20_000, NOW, 1, "another", 2)); // in the next block
        Blocks blocks = blocks(attempts);
        assertThatThrownBy(() -> RunFigures.of(blocks, Filter.ALL, each, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("10000 workflows");
        assertThat(RunFigures.of(blocks, Filter.ALL, options, 1).all().total()).isEqualTo(10_001);
        assertThatThrownBy(() -> blocks(List.of(new Attempt(1, NOW, 1, "w", 2), new Attempt(2, NOW + DAY, 1, "w", 2)))
                        .byTime(Filter.ALL, DAY, 1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void sumsOfTheLongestDurationsDoNotRunOver() {
        List<Attempt> attempts = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            attempts.add(new Attempt(i + 1, NOW, Timestamps.MICROS_MAX - Timestamps.MICROS_MIN - i, "w", 2));
        }
        check("sums", blocks(attempts).figures(Filter.ALL, PERCENTS), attempts, PERCENTS);
    }

    @Test
    void onlyBlocksThatChangedAreReadAgain() {
        Table table = new Table();
        List<Attempt> attempts = attempts(new Random(SEED), 1);
        attempts.forEach(table::add);
        Blocks first = table.after(Blocks.NONE);
        assertThat(table.reads).isEqualTo(table.blocks.size()).isGreaterThan(5);

        table.reads = 0;
        long last = attempts.get(attempts.size() - 1).position;
        Attempt more = new Attempt(last + 1, NOW, 17, "new", 3);
        table.add(more);
        Attempt removed = attempts.get(attempts.size() / 2);
        table.blocks.computeIfPresent(
                Block.numberOf(removed.position), (number, block) -> without(block, removed.position));
        Blocks second = table.after(first);
        assertThat(table.reads).isEqualTo(2);

        check("before", first.figures(Filter.ALL), attempts);
        List<Attempt> now = new ArrayList<>(attempts);
        now.remove(removed);
        now.add(more);
        check("after", second.figures(Filter.ALL, PERCENTS), now, PERCENTS);

        table.reads = 0;
        long gone = table.blocks.firstKey();
        table.blocks.remove(gone);
        now.removeIf(a -> Block.numberOf(a.position) == gone);
        check("without the first", table.after(second).figures(Filter.ALL, PERCENTS), now, PERCENTS);
        assertThat(table.reads).isZero();
    }

    @Test
    void blocksThatWereGivenUpForMemoryAreReadAgain() {
        Table table = new Table();
        List<Attempt> attempts = attempts(new Random(SEED), 1);
        attempts.forEach(table::add);
        Blocks blocks = table.after(Blocks.NONE);
        blocks.clearAttempts();
        table.reads = 0;
        check("sums only", blocks.figures(Filter.ALL), attempts);
        assertThat(table.reads).isZero();
        check("percentiles", blocks.figures(Filter.ALL, PERCENTS), attempts, PERCENTS);
        assertThat(table.reads).isEqualTo(table.blocks.size());
    }

    @Test
    void damagedBlockIsReported() {
        Table table = new Table();
        attempts(new Random(SEED), 1).forEach(table::add);
        List<Listed> listed = new ArrayList<>(table.listed());
        Listed bad = listed.get(2);
        listed.set(2, new Listed(bad.number(), bad.checksum() + 1));
        assertThatThrownBy(() -> Blocks.NONE.at(listed, null, table::bytes))
                .isInstanceOf(SqliteTrouble.class)
                .hasMessageContaining("block " + bad.number() + " is damaged");
    }

    private static Block without(Block block, long position) {
        Block left = new Block(block.number);
        for (int i = 0; i < block.count(); i++) {
            if (block.position(i) != position) {
                left.add(
                        block.position(i),
                        block.ends[i],
                        block.durations[i],
                        block.names().get(block.workflows[i]),
                        block.statuses[i]);
            }
        }
        return left;
    }

    /** The last block as one that is not stored yet. */
    private static Blocks blocks(List<Attempt> attempts) {
        Table table = new Table();
        attempts.forEach(table::add);
        Block last = table.blocks.remove(table.blocks.lastKey());
        return Blocks.NONE.at(table.listed(), last, table::bytes);
    }

    /** Attempts over some days; in every third round with times out of order, in others with many workflows, or with durations close together. */
    private static List<Attempt> attempts(Random random, int round) {
        int count = 3_000 + random.nextInt(6_000);
        int workflows = round % 4 == 3 ? 2_000 : 1 + random.nextInt(10);
        long step = random.nextInt(1 + (int) (12 * DAY / count / 10)) * 10L + 1;
        List<Attempt> attempts = new ArrayList<>();
        long position = 1L + random.nextInt(100_000);
        for (int i = 0; i < count; i++) {
            position += 1 + random.nextInt(round % 2 == 0 ? 4 : 60);
            long end = NOW + i * step;
            if (random.nextInt(20) == 0) {
                end = Math.floorDiv(end, DAY) * DAY + random.nextInt(3) - 1; // about the beginning of a day
            }
            if (round % 3 == 2 && random.nextBoolean()) {
                end = random.nextInt(50) == 0
                        ? (random.nextBoolean() ? Timestamps.MICROS_MIN : Timestamps.MICROS_MAX)
                        : end + (random.nextLong() >> 20);
            }
            long duration = random.nextInt(6) == 0
                    ? Block.NO_DURATION
                    : round % 5 == 4
                            ? 60_000_000L + random.nextInt(1_000)
                            : (long) Math.exp(15 + 3 * random.nextGaussian());
            attempts.add(new Attempt(position, end, duration, "w" + random.nextInt(workflows), 2 + random.nextInt(6)));
        }
        return attempts;
    }

    private static Filter filter(Random random, List<Attempt> attempts) {
        String workflow = random.nextInt(3) > 0 ? null : random.nextInt(10) == 0 ? "nobody" : "w" + random.nextInt(6);
        int statuses = random.nextBoolean() ? Filter.ANY_STATUS : random.nextInt(1 << 8);
        long since = random.nextInt(3) == 0 ? Long.MIN_VALUE : time(random, attempts);
        long until = random.nextInt(3) == 0 ? Long.MAX_VALUE : time(random, attempts);
        if (since > until && random.nextInt(5) > 0) {
            long swap = since;
            since = until;
            until = swap;
        }
        long shortest = random.nextInt(4) == 0 ? attempts.get(random.nextInt(attempts.size())).duration : -1;
        long longest = random.nextInt(4) == 0 ? attempts.get(random.nextInt(attempts.size())).duration : Long.MAX_VALUE;
        return new Filter(workflow, statuses, since, until, shortest, longest);
    }

    /** Of an attempt, or beginning or ending a day. */
    private static long time(Random random, List<Attempt> attempts) {
        long time = attempts.get(random.nextInt(attempts.size())).end;
        return switch (random.nextInt(6)) {
            case 0 -> Math.floorDiv(time, DAY) * DAY;
            case 1 -> Math.floorDiv(time, DAY) * DAY - 1;
            case 2 -> random.nextBoolean() ? Long.MAX_VALUE : Long.MIN_VALUE;
            default -> time;
        };
    }

    private static List<Attempt> found(List<Attempt> attempts, Filter filter) {
        boolean timed = filter.shortest() > Block.NO_DURATION || filter.longest() < Long.MAX_VALUE;
        return attempts.stream()
                .filter(a -> filter.workflow() == null || Objects.equals(filter.workflow(), a.workflow))
                .filter(a -> (filter.statuses() & 1 << a.status) != 0)
                .filter(a -> a.end >= filter.since() && a.end <= filter.until())
                .filter(a ->
                        !timed || a.duration >= 0 && a.duration >= filter.shortest() && a.duration <= filter.longest())
                .toList();
    }

    private static <K> Map<K, List<Attempt>> groups(List<Attempt> attempts, Function<Attempt, K> key) {
        return attempts.stream().collect(Collectors.groupingBy(key, TreeMap::new, Collectors.toList()));
    }

    private static <K> void check(String as, Map<K, Figures> figures, Map<K, List<Attempt>> expected) {
        assertThat(figures.keySet()).as(as).isEqualTo(expected.keySet());
        figures.forEach((key, of) -> check(as + " in " + key, of, expected.get(key), PERCENTS));
    }

    private static void check(String as, Figures figures, List<Attempt> expected, int... percents) {
        assertThat(figures.total()).as(as).isEqualTo(expected.size());
        for (int status = 0; status < Block.STATUSES; status++) {
            int wanted = status;
            List<Attempt> those =
                    expected.stream().filter(a -> a.status == wanted).toList();
            assertThat(figures.count(status)).as(as).isEqualTo(those.size());
            assertThat(figures.mean(status)).as(as).isEqualTo(mean(those));
        }
        long[] durations = expected.stream()
                .mapToLong(Attempt::duration)
                .filter(d -> d >= 0)
                .sorted()
                .toArray();
        assertThat(figures.timed()).as(as).isEqualTo(durations.length);
        assertThat(figures.mean()).as(as).isEqualTo(mean(expected));
        if (durations.length == 0) {
            return;
        }
        for (int percent : percents) {
            int rank = (durations.length * percent + 99) / 100;
            assertThat(figures.percentile(percent)).as(as).hasValue(durations[rank - 1]);
        }
    }

    private static OptionalLong mean(List<Attempt> attempts) {
        BigInteger sum = BigInteger.ZERO;
        long count = 0;
        for (Attempt attempt : attempts) {
            if (attempt.duration >= 0) {
                sum = sum.add(BigInteger.valueOf(attempt.duration));
                count++;
            }
        }
        return count == 0
                ? OptionalLong.empty()
                : OptionalLong.of(new BigDecimal(sum)
                        .divide(BigDecimal.valueOf(count), 0, RoundingMode.HALF_UP)
                        .longValueExact());
    }
}
