package dev.daybook.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.Daybook;
import dev.daybook.internal.disk.Disk;
import dev.daybook.log.LogQuery;
import dev.daybook.log.LogRow;
import dev.daybook.log.NewLogRow;
import dev.daybook.stream.Batch;
import dev.daybook.stream.NewEvent;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * Random rows of the log against a list, with crashes and reopenings. Some stores are queried all the time, so that their view follows and is made anew after each opening.
 * {@code -Dseed=N} replays one seed.
 */
class LogModelTest {
    private static final List<String> WORDS = List.of("planner", "writer", "a'b", "%");
    private static final int SEEDS = 300;

    private record Row(String source, String type, Optional<String> ref, String payload) {
        static Row of(LogRow row) {
            return new Row(row.source(), row.type(), row.ref(), row.payload());
        }

        NewLogRow toNew() {
            NewLogRow row = NewLogRow.of(source, type).json(payload);
            return ref.map(row::ref).orElse(row);
        }
    }

    @Test
    void logEqualsAList() {
        MortalStore.mustBeAsItsModel(SEEDS, 200, LogStore::new);
    }

    @Test
    void lostRowsAreNoticed() {
        MortalStore.mustFailWithoutSync(SEEDS, LogStore::new);
    }

    private static final class LogStore extends MortalStore {
        private final boolean queried;
        private List<Row> rows = new ArrayList<>();
        private List<Row> after = rows;
        private int written;

        LogStore(long seed, UnaryOperator<Disk> wrapper) {
            super(seed, wrapper, 4 << 10);
            queried = seed % 10 == 0;
        }

        @Override
        int mutationsMax() {
            return 50;
        }

        @Override
        void opened(Daybook book) {
            compare(book);
            after = rows;
        }

        @Override
        void work(Daybook book) {
            for (int i = 0; i < 25; i++) {
                List<Row> more = new ArrayList<>();
                for (int n = random.nextInt(8) == 0 ? 20 : 1 + random.nextInt(2); n > 0; n--) {
                    more.add(row());
                }
                after = new ArrayList<>(rows);
                after.addAll(more);
                append(book, more);
                rows = after;
                if (random.nextInt(6) == 0) {
                    compare(book);
                }
            }
        }

        private Row row() {
            return new Row(
                    word(),
                    word(),
                    random.nextBoolean() ? Optional.empty() : Optional.of(word()),
                    Integer.toString(++written));
        }

        private String word() {
            return WORDS.get(random.nextInt(WORDS.size()));
        }

        private void append(Daybook book, List<Row> more) {
            switch (random.nextInt(3)) {
                case 0 -> book.logs().append(more.stream().map(Row::toNew).toList());
                case 1 -> {
                    Batch batch = Batch.of().event("s", NewEvent.json("t", "1"));
                    more.forEach(row -> batch.log(row.toNew()));
                    book.append(batch);
                }
                default -> {
                    // The first alone, and nothing of the others when it fails.
                    Row first = more.get(0);
                    List<Row> all = after;
                    after = new ArrayList<>(rows);
                    after.add(first);
                    book.logs().append(first.toNew());
                    rows = after;
                    after = all;
                    if (more.size() > 1) {
                        book.logs().append(more.stream().skip(1).map(Row::toNew).toList());
                    }
                }
            }
        }

        /** All of the last append is there, or nothing of it. */
        @Override
        void settle(Daybook book) {
            List<Row> found = all(book);
            assertThat(found).isIn(rows, after);
            rows = found;
        }

        private static List<Row> all(Daybook book) {
            return book.logs().after(0, Integer.MAX_VALUE).stream().map(Row::of).toList();
        }

        private void compare(Daybook book) {
            assertThat(all(book)).isEqualTo(rows);
            if (queried) {
                String source = word();
                String type = word();
                String ref = word();
                compare(book, LogQuery.all(), row -> true);
                compare(book, LogQuery.all().source(source), row -> row.source.equals(source));
                compare(
                        book,
                        LogQuery.all().type(type).withoutRef(),
                        row -> row.type.equals(type) && row.ref.isEmpty());
                compare(
                        book,
                        LogQuery.all().ref(ref).source(source),
                        row -> Objects.equals(row.ref.orElse(null), ref) && row.source.equals(source));
            }
        }

        private void compare(Daybook book, LogQuery query, Predicate<Row> fits) {
            List<Row> newest = new ArrayList<>(rows.stream().filter(fits).toList());
            Collections.reverse(newest);
            assertThat(book.logs().query(query.limit(10_000)).rows().stream()
                            .map(Row::of)
                            .toList())
                    .isEqualTo(newest);
        }
    }
}
