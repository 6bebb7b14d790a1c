package dev.daybook.view.sqlite;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.Daybook;
import dev.daybook.Freshness;
import dev.daybook.Progress;
import dev.daybook.run.NewRun;
import dev.daybook.run.RunFilter;
import dev.daybook.run.RunInfo;
import dev.daybook.run.RunPage;
import dev.daybook.run.StatisticsOptions;
import dev.daybook.view.View;
import dev.daybook.view.ViewReader;
import dev.daybook.view.ViewStatus;
import dev.daybook.view.Views;
import dev.daybook.view.sqlite.RunSearch.Bounds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Few events that have the words, or many: the list is the same. */
class RunSearchTest {
    private static final String[] WORDS = {"apple", "pear", "plum", "apple pear"};

    private static final Bounds BY_INDEX = new Bounds(Integer.MAX_VALUE - 1, 0);
    private static final Bounds BY_RUN = new Bounds(0, Integer.MAX_VALUE);

    private static List<String> pages(Views views, RunFilter filter, Bounds bounds) {
        List<String> ids = new ArrayList<>();
        Optional<String> next = Optional.empty();
        do {
            RunFilter asked = filter.after(next.orElse(null));
            RunPage<RunInfo> page = new RunSearch(views, asked, requireNonNull(asked.text()), bounds).list();
            assertThat(page.items()).hasSizeLessThanOrEqualTo(filter.limit());
            page.items().forEach(info -> ids.add(info.id()));
            next = page.next();
        } while (next.isPresent());
        return ids;
    }

    @Test
    void goingThroughTheRunsFindsWhatTheIndexNames() {
        SplittableRandom random = new SplittableRandom(3);
        try (Daybook book = Daybook.memory()) {
            for (int i = 0; i < 300; i++) {
                NewRun run = NewRun.of("w" + random.nextInt(3)).id("r" + random.nextLong());
                book.runs()
                        .record(run.input("\"" + WORDS[random.nextInt(4)] + "\""))
                        .message("user", "plum");
            }
            for (int round = 0; round < 100; round++) {
                RunFilter filter =
                        RunFilter.all().text(WORDS[random.nextInt(4)]).limit(1 + random.nextInt(40));
                filter = random.nextBoolean() ? filter : filter.workflow("w1");
                filter = random.nextBoolean() ? filter : filter.text("p*");
                List<String> few = pages(book.views(), filter, BY_INDEX);
                assertThat(few).doesNotHaveDuplicates().isNotEmpty();
                for (Bounds bounds : List.of(BY_RUN, new Bounds(0, 1 + random.nextInt(60)))) {
                    assertThat(pages(book.views(), filter, bounds))
                            .as(filter + ", " + bounds)
                            .isEqualTo(few);
                }
            }
        }
    }

    /** Asks other views, and counts the queries. */
    private record Counted(Function<String, Views> views, List<String> queries) implements Views {
        @Override
        public void register(View view) {
            throw new UnsupportedOperationException();
        }

        @Override
        public <T> T query(String view, Freshness freshness, Function<ViewReader, T> question) {
            return views.apply(view)
                    .query(
                            view,
                            freshness,
                            tables -> question.apply(new ViewReader() {
                                @Override
                                public long position() {
                                    return tables.position();
                                }

                                @Override
                                public List<Row> query(String sql, @Nullable Object... arguments) {
                                    queries.add(sql);
                                    return tables.query(sql, arguments);
                                }
                            }));
        }

        @Override
        public List<ViewStatus> status() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void rebuild(String view, Progress progress) {
            throw new UnsupportedOperationException();
        }
    }

    @Test
    void runsAreLookedIntoInBounds() {
        try (Daybook book = Daybook.memory()) {
            for (int i = 0; i < 300; i++) {
                book.runs().record(NewRun.of("w").id("r" + i).input(i < 10 ? "\"cherry\"" : "\"pear\""));
            }
            Counted views = new Counted(view -> book.views(), new ArrayList<>());
            RunFilter filter = RunFilter.all().limit(10);
            assertThat(pages(views, filter.text("cherry"), new Bounds(5, 40))).hasSize(10);
            long into = views.queries.stream()
                    .filter(sql -> sql.contains("t.run = ?"))
                    .count();
            assertThat(into).isEqualTo(40);
            views.queries.clear();
            assertThat(pages(views, filter.text("cher*"), new Bounds(5, 40))).hasSize(10);
            assertThat(views.queries).hasSize(3); // how many, all of them, the page
        }
    }

    @Test
    void runThatHadTheIdBeforeIsAnother() {
        try (Daybook now = Daybook.memory();
                Daybook before = Daybook.memory()) {
            for (Daybook book : List.of(now, before)) {
                book.runs().record(NewRun.of("w").id("r").input("\"apple\"")).complete();
            }
            assertThat(now.runs().cleanup(Duration.ZERO)).isEqualTo(1);
            now.runs().record(NewRun.of("w").id("r").input("\"pear\""));
            Views textBehind =
                    new Counted(view -> (view.equals(TextView.NAME) ? before : now).views(), new ArrayList<>());
            RunFilter filter = RunFilter.all().text("apple");
            assertThat(pages(textBehind, filter, BY_INDEX)).isEmpty();
            assertThat(pages(textBehind, filter, BY_RUN)).isEmpty();
        }
    }

    @Test
    void anAnswerIsAsOldAsTheOlderView() {
        try (Daybook now = Daybook.memory();
                Daybook before = Daybook.memory()) {
            for (Daybook book : List.of(now, before)) {
                book.runs().record(NewRun.of("w").id("r").input("\"apple\"")).complete();
            }
            now.runs().record(NewRun.of("w"));
            Views textBehind =
                    new Counted(view -> (view.equals(TextView.NAME) ? before : now).views(), new ArrayList<>());
            RunFinder runs = new RunFinder(() -> textBehind);
            RunFilter filter = RunFilter.all().text("apple");
            long older = before.runs().list(RunFilter.all()).position();
            assertThat(older).isLessThan(now.runs().list(RunFilter.all()).position());
            assertThat(runs.list(filter).position()).isEqualTo(older);
            assertThat(runs.history(filter).position()).isEqualTo(older);
            assertThat(runs.statistics(filter, StatisticsOptions.total()).position())
                    .isEqualTo(older);
        }
    }
}
