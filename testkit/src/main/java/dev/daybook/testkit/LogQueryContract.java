package dev.daybook.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.daybook.log.LogPage;
import dev.daybook.log.LogQuery;
import dev.daybook.log.LogRow;
import dev.daybook.log.NewLogRow;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Queries of the log, against a plain filter over all rows. */
interface LogQueryContract extends StoreUnderTest {
    private List<LogRow> all() {
        return book().logs().after(0, Integer.MAX_VALUE);
    }

    /** All pages of a query, as they are read one after another. */
    private List<LogRow> pages(LogQuery query) {
        List<LogRow> rows = new ArrayList<>();
        Optional<String> next = Optional.empty();
        do {
            LogPage page = book().logs().query(query.after(next.orElse(null)));
            assertThat(page.rows()).hasSizeLessThanOrEqualTo(query.limit());
            rows.addAll(page.rows());
            next = page.next();
        } while (next.isPresent());
        return rows;
    }

    private static List<LogRow> filtered(List<LogRow> all, LogQuery query) {
        Comparator<LogRow> byId = Comparator.comparing(LogRow::id);
        Comparator<LogRow> order =
                query.text() != null ? byId : Comparator.comparing(LogRow::time).thenComparing(byId);
        return all.stream()
                .filter(row -> query.source() == null || row.source().equals(query.source()))
                .filter(row -> query.type() == null || row.type().equals(query.type()))
                .filter(row -> query.ref() == null || row.ref().equals(Optional.of(query.ref())))
                .filter(row -> !query.noRef() || row.ref().isEmpty())
                .filter(row -> query.since() == null || !row.time().isBefore(query.since()))
                .filter(row -> query.until() == null || !row.time().isAfter(query.until()))
                .filter(row -> query.text() == null || PlainSearch.fits(query.text(), row.payload()))
                .sorted(query.order() == LogQuery.Order.OLDEST ? order : order.reversed())
                .toList();
    }

    @Test
    default void everyCombinationOfConditionsFindsWhatAPlainFilterFinds() {
        SplittableRandom random = new SplittableRandom(14);
        Instant start = clock().now();
        String[] sources = {"planner", "Planner", "", "100%", "a'b"};
        String[] refs = {"run-1", "run_1", "run-1 ", "*"};
        for (int i = 0; i < 400; i++) {
            String source = sources[random.nextInt(sources.length)];
            NewLogRow row = NewLogRow.of(source.isEmpty() ? "s" + random.nextInt(90) : source, "t" + random.nextInt(3))
                    .json(PlainSearch.payload(random, i));
            if (random.nextInt(3) > 0) {
                row = row.ref(refs[random.nextInt(refs.length)]);
            }
            if (random.nextInt(3) == 0) {
                row = row.occurred(start.minusSeconds(random.nextInt(50))); // late, some at the same time
            }
            book().logs().append(row);
        }
        List<LogRow> all = all();
        assertThat(all).hasSize(400);
        for (int round = 0; round < 300; round++) {
            if (round == 150) {
                reopen();
            }
            LogQuery query = random(random, start, sources, refs);
            assertThat(pages(query)).as(query.toString()).isEqualTo(filtered(all, query));
        }
    }

    private static LogQuery random(SplittableRandom random, Instant start, String[] sources, String[] refs) {
        LogQuery query = LogQuery.all().limit(1 + random.nextInt(60));
        query = random.nextBoolean() ? query : query.order(LogQuery.Order.OLDEST);
        query = random.nextInt(3) > 0 ? query : query.source(sources[random.nextInt(sources.length)]);
        query = random.nextInt(3) > 0 ? query : query.type("t" + random.nextInt(4));
        query = random.nextInt(3) > 0 ? query : query.ref(refs[random.nextInt(refs.length)]);
        query = random.nextInt(6) > 0 ? query : query.withoutRef();
        query = random.nextBoolean() ? query : query.text(PlainSearch.words(random));
        query = query.since(random.nextInt(3) > 0 ? null : start.minusSeconds(random.nextInt(60)));
        return query.until(random.nextInt(3) > 0 ? null : start.minusSeconds(random.nextInt(60)));
    }

    @Test
    default void bestMatchIsFirstWhenAskedFor() {
        book().logs().append(NewLogRow.of("s", "t").json("\"apple and much else that is no fruit at all\""));
        book().logs().append(NewLogRow.of("s", "t").json("[\"apple\",{\"apple\":\"apple\"}]"));
        book().logs().append(NewLogRow.of("s", "t").json("\"pear\""));
        book().logs().append(NewLogRow.of("s", "other").json("\"apple apple apple apple\""));
        LogQuery ranked = LogQuery.all().text("apple").order(LogQuery.Order.RANK);
        assertThat(pages(ranked)).extracting(LogRow::id).containsExactly(4L, 2L, 1L);
        assertThat(pages(ranked.type("t").limit(1))).extracting(LogRow::id).containsExactly(2L);
        assertThat(pages(ranked.until(clock().now().minusSeconds(9)))).isEmpty();
    }

    @Test
    default void textThatCannotBeSearchedIsRefused() {
        for (String bad : new String[] {"", " ", "*", "\"\"", "-", "\0", "a\uD800", "x".repeat(100_000)}) {
            assertThatThrownBy(() -> LogQuery.all().text(bad)).isInstanceOf(IllegalArgumentException.class);
        }
        LogQuery ranked = LogQuery.all().order(LogQuery.Order.RANK);
        for (LogQuery bad : List.of(
                ranked,
                ranked.text("a").after("1"),
                ranked.text("a").limit(1_001),
                LogQuery.all().text("a").after("1.2"),
                LogQuery.all().text("a").after("0"),
                LogQuery.all().text("a").after(String.valueOf(Long.MAX_VALUE)))) {
            assertThatThrownBy(() -> book().logs().query(bad)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    default void storeWithoutSearchSaysSo() {
        book().logs().append(NewLogRow.of("s", "t").json("\"apple\""));
        assertThat(pages(LogQuery.all().text("apple"))).hasSize(1);
        reopen(options -> options.withSearch(false));
        assertThatThrownBy(() -> book().logs().query(LogQuery.all().text("apple")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("withSearch");
        assertThat(pages(LogQuery.all())).hasSize(1);
    }

    @Test
    default void aPageIsNotDisturbedByRowsThatComeLate() {
        Instant now = clock().now();
        for (int i = 1; i <= 6; i++) {
            book().logs().append(NewLogRow.of("s", "t").occurred(now.plusSeconds(i)));
        }
        LogQuery newest = LogQuery.all().limit(2);
        LogPage first = book().logs().query(newest);
        assertThat(first.rows()).extracting(LogRow::id).containsExactly(6L, 5L);
        book().logs().append(NewLogRow.of("s", "t").occurred(now.plusSeconds(9)));
        book().logs().append(NewLogRow.of("s", "t").occurred(now.plusSeconds(3)));
        LogPage second = book().logs().query(newest.after(first.next().orElseThrow()));
        assertThat(second.rows()).extracting(LogRow::id).containsExactly(4L, 8L);
        assertThat(second.position()).isEqualTo(book().info().lastPosition());
    }

    @Test
    default void ownRowsAreFoundAtOnce() {
        for (int i = 1; i <= 30; i++) {
            book().logs().append(NewLogRow.of("s", "t"));
            assertThat(book().logs().query(LogQuery.all().limit(1)).rows())
                    .extracting(LogRow::id)
                    .containsExactly((long) i);
        }
    }

    @Test
    default void farTimesAndPartsOfAMicrosecondAreAnswered() {
        Instant first = Instant.parse("0001-01-01T00:00:00Z");
        Instant last = Instant.parse("9999-12-31T23:59:59.999999Z");
        book().logs().append(NewLogRow.of("s", "t").occurred(first).json("\"apple\""));
        book().logs().append(NewLogRow.of("s", "t").occurred(last).json("\"apple\""));
        for (LogQuery all : List.of(
                LogQuery.all(),
                LogQuery.all().order(LogQuery.Order.OLDEST),
                LogQuery.all().source("s"),
                LogQuery.all().text("apple"))) {
            LogQuery page = all.limit(1);
            assertThat(pages(page.since(Instant.MIN).until(Instant.MAX))).hasSize(2);
            assertThat(pages(page.since(first).until(last))).hasSize(2);
            assertThat(pages(page.since(first.minusNanos(1)).until(last.plusNanos(1))))
                    .hasSize(2);
            assertThat(pages(page.since(first.plusNanos(1)))).hasSize(1);
            assertThat(pages(page.until(last.minusNanos(1)))).hasSize(1);
            for (LogQuery none : List.of(
                    page.since(Instant.MAX),
                    page.until(Instant.MIN),
                    page.since(last.plusNanos(1)),
                    page.until(first.minusNanos(1)),
                    page.since(Instant.MAX).until(Instant.MIN))) {
                assertThat(pages(none)).as(none.toString()).isEmpty();
            }
        }
    }

    @Test
    default void halfOfASurrogatePairIsRefused() {
        book().logs().append(NewLogRow.of("?", "?").ref("?"));
        for (Stream<LogQuery> refused : List.of(
                Stream.of("\ud800").map(LogQuery.all()::source),
                Stream.of("\udfff\ud800").map(LogQuery.all()::type),
                Stream.of("x\udc00").map(LogQuery.all()::ref))) {
            assertThatThrownBy(() -> refused.toList())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("lone surrogate");
        }
    }

    @Test
    default void anEmptyLogHasNoRows() {
        LogPage page = book().logs().query(LogQuery.all().source("s"));
        assertThat(page.rows()).isEmpty();
        assertThat(page.next()).isEmpty();
    }

    @Test
    default void cursorsAndLimitsThatAreNoneAreRefused() {
        for (@Nullable
        String cursor : new String[] {"", ".", "1", "1.", ".1", "x.y", "99999999999999999999.1", "1.2.3"}) {
            assertThatThrownBy(() -> book().logs().query(LogQuery.all().after(cursor)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        for (int limit : new int[] {Integer.MIN_VALUE, -1, 0, 10_001}) {
            assertThatThrownBy(() -> LogQuery.all().limit(limit)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
