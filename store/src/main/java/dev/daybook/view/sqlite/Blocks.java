package dev.daybook.view.sqlite;

import dev.daybook.internal.time.Timestamps;
import java.lang.ref.SoftReference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All ended attempts that a view held at one moment, as blocks: what can be said of them that no index can say.
 *
 * <p>The figures of a million attempts come from sums: of each block there is one per day, workflow and status. Only where a range of time cuts a day, or durations
 * are asked for, single attempts are looked at, a column after the other. Percentiles need the durations themselves: those of each group are put side by side,
 * 8 bytes an attempt while the query lasts, and {@link Percentiles} finds the ranks.
 *
 * <p>Immutable but for the blocks themselves, which are kept softly and read again when they are needed. The sums stay.
 */
final class Blocks {
    /** Reads the bytes of a block as they were when these blocks were made: within the same transaction. */
    @FunctionalInterface
    interface Source {
        byte[] bytes(long number);
    }

    /** A block as the view lists it. */
    record Listed(long number, int checksum) {}

    /**
     * Which attempts. Ranges include both ends.
     *
     * @param workflow null for any
     * @param statuses a bit for each status that is wanted
     * @param since of the end
     * @param until of the end
     * @param shortest {@link Block#NO_DURATION} for any, also none at all
     * @param longest likewise {@link Long#MAX_VALUE}
     */
    record Filter(@Nullable String workflow, int statuses, long since, long until, long shortest, long longest) {
        static final int ANY_STATUS = (1 << Block.STATUSES) - 1;
        static final Filter ALL =
                new Filter(null, ANY_STATUS, Long.MIN_VALUE, Long.MAX_VALUE, Block.NO_DURATION, Long.MAX_VALUE);

        Filter {
            // No event has another time, so whole days can be reckoned without running over.
            since = Math.min(Math.max(since, Timestamps.MICROS_MIN), Timestamps.MICROS_MAX + 1);
            until = Math.max(Math.min(until, Timestamps.MICROS_MAX), Timestamps.MICROS_MIN - 1);
            if (shortest > Block.NO_DURATION || longest < Long.MAX_VALUE) {
                shortest = Math.max(shortest, 0);
            }
        }

        boolean asksForDuration() {
            return shortest >= 0;
        }

        Filter until(long time) {
            return new Filter(workflow, statuses, since, time, shortest, longest);
        }
    }

    /** An attempt that was found: when it ended, and the position of the line that ended it. */
    record Found(long end, long position) implements Comparable<Found> {
        @Override
        public int compareTo(Found other) {
            int byEnd = Long.compare(end, other.end);
            return byEnd != 0 ? byEnd : Long.compare(position, other.position);
        }
    }

    static final Blocks NONE = new Blocks(new Kept[0], number -> new byte[0]);

    private final Kept[] kept; // by number
    private final Source source;

    private Blocks(Kept[] kept, Source source) {
        this.kept = kept;
        this.source = source;
    }

    /** The same, for another transaction that sees the same. */
    Blocks from(Source now) {
        return new Blocks(kept, now);
    }

    /**
     * The blocks of another moment. Those that these have already are taken over, the others read.
     *
     * @param listed in order
     * @param last what is behind those; null when that is nothing
     */
    Blocks at(List<Listed> listed, @Nullable Block last, Source source) {
        Kept[] now = new Kept[listed.size() + (last == null ? 0 : 1)];
        if (last != null) {
            Kept before = kept.length == 0 ? null : kept[kept.length - 1];
            now[listed.size()] = before != null && before.open == last ? before : new Kept(last);
        }
        int old = 0;
        for (int i = 0; i < listed.size(); i++) {
            Listed wanted = listed.get(i);
            while (old < kept.length && kept[old].listed.number < wanted.number) {
                old++;
            }
            boolean same = old < kept.length && kept[old].listed.equals(wanted);
            now[i] = same ? kept[old] : new Kept(wanted, source);
        }
        return new Blocks(now, source);
    }

    /** These blocks, which are nowhere else. */
    static Blocks of(List<Block> blocks) {
        return new Blocks(blocks.stream().map(Kept::new).toArray(Kept[]::new), NONE.source);
    }

    /** Figures of all attempts that the filter finds. */
    Figures figures(Filter filter, int... percents) {
        Groups<String> groups = new Groups<>() {
            private final Figures all = of("");

            @Override
            boolean wholeDays() {
                return true;
            }

            @Override
            void find(Kept block, Columns columns, int[] rows, int n, Figures[] found) {
                Arrays.fill(found, 0, n, all);
            }
        };
        gather(filter, groups, percents);
        return groups.of("");
    }

    /**
     * The same per workflow; one of which nothing is found is not in it.
     *
     * @param most refuses more workflows than these
     */
    Map<String, Figures> byWorkflow(Filter filter, int most, int... percents) {
        Groups<String> groups = new Groups<>() {
            @Override
            boolean wholeDays() {
                return true;
            }

            @Override
            void find(Kept block, Columns columns, int[] rows, int n, Figures[] found) {
                Figures[] ofNumber = new Figures[block.workflows.size()];
                for (int i = 0; i < n; i++) {
                    int number = columns.workflows[rows[i]];
                    if (ofNumber[number] == null) {
                        ofNumber[number] = of(block.workflows.get(number));
                        refuse(most, "workflows");
                    }
                    found[i] = ofNumber[number];
                }
            }
        };
        gather(filter, groups, percents);
        return groups.byKey;
    }

    /**
     * The same per bucket of time, by the time of the end.
     *
     * @param length of the buckets, which begin at 1970
     * @param most refuses more buckets than these
     * @return by the first microsecond of each bucket; one in which nothing is found is not in it
     */
    Map<Long, Figures> byTime(Filter filter, long length, int most, int... percents) {
        Groups<Long> groups = new Groups<>() {
            @Override
            boolean wholeDays() {
                return length % Timestamps.MICROS_PER_DAY == 0;
            }

            @Override
            void find(Kept block, Columns columns, int[] rows, int n, Figures[] found) {
                long bucket = Long.MIN_VALUE;
                Figures figures = null;
                for (int i = 0; i < n; i++) {
                    long end = columns.ends[rows[i]];
                    if (figures == null || end < bucket || end - bucket >= length) {
                        bucket = Math.floorDiv(end, length) * length;
                        figures = of(bucket);
                        refuse(most, "buckets of time");
                    }
                    found[i] = figures;
                }
            }
        };
        gather(filter, groups, percents);
        return groups.byKey;
    }

    /**
     * The newest attempts that the filter finds, newest end first, at the same end the higher position first.
     *
     * @param before only what comes behind this one in that order; null for the first page
     */
    List<Found> newest(Filter filter, @Nullable Found before, int limit) {
        Filter left = before == null ? filter : filter.until(Math.min(filter.until, before.end));
        PriorityQueue<Found> best = new PriorityQueue<>();
        int[] rows = new int[rowsMax()];
        Kept[] newestFirst = kept.clone();
        Arrays.sort(
                newestFirst,
                Comparator.comparingLong((Kept block) -> block.lastEnd).reversed());
        for (Kept block : newestFirst) {
            if (best.size() == limit && block.lastEnd < best.element().end) {
                break; // nor has any other one a newer end
            }
            if (!block.reaches(left.since, left.until)) {
                continue;
            }
            Block attempts = block.attempts(source);
            int n = choose(left, left.since, left.until, block, Columns.of(attempts), attempts.durations, rows);
            for (int i = 0; i < n; i++) {
                Found found = new Found(attempts.ends[rows[i]], attempts.position(rows[i]));
                if (before != null && found.compareTo(before) >= 0) {
                    continue;
                }
                if (best.size() < limit) {
                    best.add(found);
                } else if (found.compareTo(best.element()) > 0) {
                    best.remove();
                    best.add(found);
                }
            }
        }
        List<Found> page = new ArrayList<>(best);
        page.sort(Comparator.reverseOrder());
        return page;
    }

    /** Says in which group an attempt or a sum is. */
    private abstract static class Groups<K extends Comparable<K>> {
        final Map<K, Figures> byKey = new TreeMap<>();

        /** Whether all attempts of one workflow and day are in the same group. */
        abstract boolean wholeDays();

        abstract void find(Kept block, Columns columns, int[] rows, int n, Figures[] found);

        Figures of(K key) {
            return byKey.computeIfAbsent(key, k -> new Figures());
        }

        void refuse(int most, String what) {
            if (byKey.size() > most) {
                throw new IllegalArgumentException("that are more than " + most + " " + what);
            }
        }
    }

    private void gather(Filter filter, Groups<?> groups, int[] percents) {
        int[] rows = new int[rowsMax()];
        Figures[] found = new Figures[rows.length];
        // The days that lie in the range as a whole; from > to when there is none.
        long from = -Math.floorDiv(-filter.since, Timestamps.MICROS_PER_DAY) * Timestamps.MICROS_PER_DAY;
        long to = Math.floorDiv(filter.until + 1, Timestamps.MICROS_PER_DAY) * Timestamps.MICROS_PER_DAY - 1;
        boolean sums = groups.wholeDays() && !filter.asksForDuration() && from < to;
        for (Kept block : kept) {
            if (sums) {
                addSums(filter, from, to, block, groups, rows, found);
                addAttempts(filter, filter.since, from - 1, block, groups, rows, found);
                addAttempts(filter, to + 1, filter.until, block, groups, rows, found);
            } else {
                addAttempts(filter, filter.since, filter.until, block, groups, rows, found);
            }
        }
        if (percents.length > 0) {
            findPercentiles(filter, groups, percents, rows, found);
        }
    }

    private static void addSums(
            Filter filter, long from, long to, Kept block, Groups<?> groups, int[] rows, Figures[] found) {
        if (!block.reaches(from, to)) {
            return;
        }
        Sums sums = block.sums;
        int n = choose(filter, from, to, block, sums.columns, null, rows);
        groups.find(block, sums.columns, rows, n, found);
        for (int i = 0; i < n; i++) {
            sums.addTo(found[i], rows[i]);
        }
    }

    private void addAttempts(
            Filter filter, long from, long to, Kept block, Groups<?> groups, int[] rows, Figures[] found) {
        if (!block.reaches(from, to)) {
            return;
        }
        Block attempts = block.attempts(source);
        Columns columns = Columns.of(attempts);
        int n = choose(filter, from, to, block, columns, attempts.durations, rows);
        groups.find(block, columns, rows, n, found);
        for (int i = 0; i < n; i++) {
            found[i].add(attempts.statuses[rows[i]], attempts.durations[rows[i]]);
        }
    }

    private void findPercentiles(Filter filter, Groups<?> groups, int[] percents, int[] rows, Figures[] found) {
        int all = 0;
        for (Figures figures : groups.byKey.values()) {
            figures.place = all;
            all = Math.addExact(all, Math.toIntExact(figures.timed()));
        }
        long[] durations = new long[all];
        for (Kept block : kept) {
            if (!block.reaches(filter.since, filter.until)) {
                continue;
            }
            Block attempts = block.attempts(source);
            Columns columns = Columns.of(attempts);
            int n = choose(filter, filter.since, filter.until, block, columns, attempts.durations, rows);
            groups.find(block, columns, rows, n, found);
            for (int i = 0; i < n; i++) {
                long duration = attempts.durations[rows[i]];
                if (duration >= 0) {
                    durations[found[i].place++] = duration;
                }
            }
        }
        for (Figures figures : groups.byKey.values()) {
            int from = figures.place - (int) figures.timed();
            figures.percentiles(percents, Percentiles.of(durations, from, figures.place, percents));
        }
    }

    /**
     * Puts the rows that pass into {@code rows}, one condition after the other, and leaves out those conditions that all of the block's attempts fulfil.
     *
     * @param durations null where no duration is asked for
     * @return how many
     */
    private static int choose(
            Filter filter, long from, long to, Kept block, Columns columns, long @Nullable [] durations, int[] rows) {
        int n = columns.count;
        for (int i = 0; i < n; i++) {
            rows[i] = i;
        }
        if (filter.workflow != null) {
            int wanted = block.workflows.indexOf(filter.workflow);
            if (wanted < 0) {
                return 0;
            }
            int left = 0;
            for (int i = 0; i < n; i++) {
                int row = rows[i];
                rows[left] = row;
                left += columns.workflows[row] == wanted ? 1 : 0;
            }
            n = left;
        }
        if (filter.statuses != Filter.ANY_STATUS) {
            int left = 0;
            for (int i = 0; i < n; i++) {
                int row = rows[i];
                rows[left] = row;
                left += filter.statuses >>> columns.statuses[row] & 1;
            }
            n = left;
        }
        if (from > block.firstEnd || to < block.lastEnd) {
            int left = 0;
            for (int i = 0; i < n; i++) {
                int row = rows[i];
                rows[left] = row;
                left += columns.ends[row] >= from && columns.ends[row] <= to ? 1 : 0;
            }
            n = left;
        }
        if (durations != null && filter.asksForDuration()) {
            int left = 0;
            for (int i = 0; i < n; i++) {
                int row = rows[i];
                rows[left] = row;
                left += durations[row] >= filter.shortest && durations[row] <= filter.longest ? 1 : 0;
            }
            n = left;
        }
        return n;
    }

    /** For tests: what a full heap does. */
    void clearAttempts() {
        for (Kept block : kept) {
            block.attempts.clear();
        }
    }

    private int rowsMax() {
        int max = 0;
        for (Kept block : kept) {
            max = Math.max(max, block.count);
        }
        return max;
    }

    /** What is kept of a block: always its sums, the attempts themselves as long as there is memory. */
    private static final class Kept {
        /** Of a block that is stored nowhere the checksum is 0. */
        final Listed listed;

        /** A block that is stored nowhere, so it is kept as long as this is; else null. */
        final @Nullable Block open;

        final List<String> workflows;
        final int count;
        final Sums sums;
        final long firstEnd;
        final long lastEnd;
        private volatile SoftReference<Block> attempts;

        Kept(Listed listed, Source source) {
            this(listed, Block.read(listed.number, source.bytes(listed.number), listed.checksum), null);
        }

        Kept(Block open) {
            this(new Listed(open.number, 0), open, open);
        }

        private Kept(Listed listed, Block block, @Nullable Block open) {
            this.listed = listed;
            this.open = open;
            workflows = List.copyOf(block.names());
            count = block.count();
            sums = Sums.of(block);
            long first = Long.MAX_VALUE;
            long last = Long.MIN_VALUE;
            for (int i = 0; i < count; i++) {
                first = Math.min(first, block.ends[i]);
                last = Math.max(last, block.ends[i]);
            }
            firstEnd = first;
            lastEnd = last;
            attempts = new SoftReference<>(block);
        }

        /** Whether an attempt can have ended in this range. */
        boolean reaches(long from, long to) {
            return from <= to && from <= lastEnd && to >= firstEnd;
        }

        Block attempts(Source source) {
            Block block = open == null ? attempts.get() : open;
            if (block == null) {
                block = Block.read(listed.number, source.bytes(listed.number), listed.checksum);
                attempts = new SoftReference<>(block);
            }
            return block;
        }
    }
}
