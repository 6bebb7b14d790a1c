package dev.daybook.testkit;

import static dev.daybook.testkit.LatestView.NAME;
import static dev.daybook.testkit.LatestView.assertRight;
import static dev.daybook.testkit.LatestView.event;
import static dev.daybook.testkit.LatestView.fill;
import static dev.daybook.testkit.LatestView.registered;
import static dev.daybook.testkit.LatestView.rows;
import static dev.daybook.testkit.LatestView.views;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.Freshness;
import dev.daybook.Progress;
import dev.daybook.StoreClosedException;
import dev.daybook.ViewBehindException;
import dev.daybook.driver.filesystem.FilesystemDriver;
import dev.daybook.stream.Batch;
import dev.daybook.stream.Event;
import dev.daybook.view.ViewReader;
import dev.daybook.view.ViewStatus;
import dev.daybook.view.ViewWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Views: what they answer is what the journal says, and those who ask wait for it. */
@Timeout(60)
class ViewTest {
    private static final DaybookOptions READING = DaybookOptions.defaults().withReadOnly(true);

    @RegisterExtension
    final StoreExtension store = new StoreExtension();

    // ---- following
    @Test
    void everyWriteIsSeenByTheNextQuery() {
        Daybook book = registered(store);
        for (int i = 1; i <= 200; i++) {
            book.stream("a").append(event("e" + i));
            assertThat(rows(book, Freshness.own())).containsExactly(Map.entry("a", i + " \"e" + i + "\""));
        }
    }

    @Test
    void deletedStreamsAreGone() {
        Daybook book = registered(store);
        fill(book, 30);
        assertRight(book);
        book.stream("runs/3").delete();
        assertThat(rows(book, Freshness.own())).doesNotContainKey("runs/3").hasSize(6);
        book.stream("runs/3").append(event("again"));
        assertThat(rows(book, Freshness.own())).containsEntry("runs/3", "1 \"again\"");
        book.views().rebuild(NAME, Progress.NONE);
        assertRight(book);
    }

    @Test
    void rebuiltViewEqualsLiveViewAlsoAfterTruncation() {
        Daybook book = registered(store);
        fill(book, 30);
        Map<String, String> live = rows(book, Freshness.own());
        book.stream("runs/3").keepNewest(1);
        assertThat(rows(book, Freshness.own())).isEqualTo(live);
        book.views().rebuild(NAME, Progress.NONE);
        assertThat(rows(book, Freshness.own())).isEqualTo(live);
    }

    @Test
    void viewOfAPrefixSeesOnlyThat() {
        Daybook book = registered(store, new LatestView() {
            @Override
            public String prefix() {
                return "runs/1";
            }
        });
        fill(book, 20);
        book.stream("runs/10").append(event("other"));
        assertThat(rows(book, Freshness.own())).containsOnlyKeys("runs/1");
    }

    @Test
    void reopenedViewGoesOnWhereItWas() {
        AtomicInteger folded = new AtomicInteger();
        class Counting extends LatestView {
            @Override
            public void event(Event event, ViewWriter tables) {
                folded.incrementAndGet();
                super.event(event, tables);
            }
        }
        Daybook book = registered(store, new Counting());
        fill(book, 50);
        assertRight(book);
        store.close();
        book = registered(store, new Counting());
        fill(book, 5);
        assertRight(book);
        assertThat(folded).hasValue(55);
    }

    @Test
    void filesAreForTheirOwnerOnly() throws IOException {
        Daybook book = registered(store);
        fill(book, 5);
        assertRight(book);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(views(store))))
                .isEqualTo("rwx------");
        try (Stream<Path> all = Files.list(views(store))) {
            List<Path> found = all.toList();
            assertThat(found).hasSize(3);
            for (Path file : found) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                        .isEqualTo("rw-------");
            }
        }
    }

    @Test
    void storeInMemoryHasViews() {
        try (Daybook book = Daybook.memory()) {
            book.views().register(new LatestView());
            fill(book, 20);
            assertRight(book);
            book.views().rebuild(NAME, Progress.NONE);
            assertRight(book);
        }
    }

    @Test
    void temporaryFolderIsForItsOwnerOnlyAndGoes() throws IOException {
        Set<Path> before = temporary();
        try (Daybook book = Daybook.memory()) {
            book.views().register(new LatestView());
            fill(book, 20);
            assertRight(book);
            Set<Path> mine = temporary();
            mine.removeAll(before);
            assertThat(mine).isNotEmpty();
            for (Path folder : mine) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
                        .isEqualTo("rwx------");
            }
            before = mine;
        }
        assertThat(temporary()).doesNotContainAnyElementsOf(before);
    }

    private static Set<Path> temporary() throws IOException {
        try (Stream<Path> all = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return all.filter(p -> p.getFileName().toString().startsWith("daybook-views-"))
                    .collect(Collectors.toSet());
        }
    }

    @Test
    void pathWithSignsThatMeanSomethingInUris() throws IOException {
        Path odd = Files.createDirectories(store.directory().resolveSibling("a ?b%20c#d'e"));
        try (Daybook book = Daybook.open(odd)) {
            book.views().register(new LatestView());
            fill(book, 5);
            assertRight(book);
            try (Daybook reader = Daybook.open(odd, READING)) {
                reader.views().register(new LatestView());
                assertRight(reader);
            }
        }
        assertThat(odd.resolve("views")).isDirectoryContaining("glob:**/user-latest.1.db");
    }

    @Test
    void destroyedStoreTakesItsViewsAlong() {
        Daybook book = registered(store);
        fill(book, 5);
        assertRight(book);
        store.close();
        Daybook.destroy(store.directory());
        assertThat(store.directory()).doesNotExist();
    }

    @Test
    void simulatedDiskHasViewsElsewhere() {
        SimulatedDisk disk = new SimulatedDisk(1);
        try (Daybook book =
                Daybook.open(new FilesystemDriver(Path.of("/simulated"), disk), DaybookOptions.defaults())) {
            book.views().register(new LatestView());
            fill(book, 5);
            assertRight(book);
        }
    }

    @Test
    void closedStoreRefuses() {
        Daybook book = registered(store);
        store.close();
        assertThatThrownBy(() -> rows(book, Freshness.any())).isInstanceOf(StoreClosedException.class);
        assertThatThrownBy(() -> book.views().register(new LatestView(2))).isInstanceOf(StoreClosedException.class);
    }

    // ---- waiting
    @Test
    void queryThatWaitsInVainSaysWhereTheViewIs() {
        Daybook book = registered(store);
        fill(book, 3);
        assertRight(book);
        long end = book.info().lastPosition();
        ViewBehindException behind = catchThrowableOfType(
                ViewBehindException.class,
                () -> rows(book, Freshness.at(end + 1).within(Duration.ofMillis(60))));
        assertThat(behind.wanted()).isEqualTo(end + 1);
        assertThat(behind.status().position()).isEqualTo(end);
        assertThat(behind.status().state()).isEqualTo(ViewStatus.State.FOLLOWING);
        assertThat(behind).hasMessageContaining("following");
        assertThat(behind.code()).isEqualTo("view-behind");
    }

    @Test
    void slowViewAnswersWhatItHas() {
        LatestView slow = new LatestView();
        Daybook book = registered(store, slow);
        fill(book, 1);
        assertRight(book);
        slow.pauseMillis = 100;
        fill(book, 30);
        assertThatThrownBy(() -> rows(book, Freshness.own().within(Duration.ofMillis(50))))
                .isInstanceOf(ViewBehindException.class);
        assertThat(rows(book, Freshness.any())).isNotEmpty();
        slow.pauseMillis = 0;
        assertRight(book);
    }

    @Test
    void interruptedQueryGivesUp() {
        Daybook book = registered(store);
        fill(book, 1);
        assertRight(book);
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> rows(book, Freshness.at(1_000)))
                .isInstanceOf(ViewBehindException.class)
                .hasMessageContaining("interrupted");
        assertThat(Thread.interrupted()).isTrue();
        Thread.currentThread().interrupt();
        assertRight(book); // there is nothing to wait for
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void noQuerySeesAPartOfAnAppend() throws Exception {
        Daybook book = registered(store);
        fill(book, 1);
        assertRight(book);
        CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < 5; i++) {
                Batch batch = Batch.of();
                for (int e = 0; e < 6_000; e++) {
                    batch.event(e < 3_000 ? "first" : "second", event("e"));
                }
                book.append(batch);
            }
        });
        int seen = 0;
        while (!writer.isDone() || seen < 15_000) {
            Map<String, String> rows = rows(book, Freshness.any());
            assertThat(rows.get("second")).isEqualTo(rows.get("first"));
            String first = rows.getOrDefault("first", "0 ");
            seen = Integer.parseInt(first.substring(0, first.indexOf(' ')));
        }
        writer.get();
    }

    // ---- what is not allowed
    @Test
    void badViewsAreRefused() {
        Daybook book = registered(store);
        assertThatThrownBy(() -> book.views().register(new LatestView())).isInstanceOf(IllegalStateException.class);
        for (String name : List.of("", "a/b", "../x", "ü", "a".repeat(65))) {
            refused(book, name, List.of("CREATE TABLE t (a)"));
        }
        for (String statement : List.of(
                "CREATE TABLE meta (a)",
                "CREATE TABLE Metadata (a)",
                "CREATE TABLE sqlite_x (a)",
                "CREATE VIEW v AS SELECT 1",
                "CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; END",
                "PRAGMA journal_mode=DELETE",
                "ATTACH 'x' AS y",
                "CREATE TABLE nonsense")) {
            refused(book, "bad", List.of("CREATE TABLE t (a)", statement));
        }
        assertThat(book.views().status()).extracting(ViewStatus::name).containsExactly("logs", "runs", "text", NAME);
    }

    private static void refused(Daybook book, String name, List<String> tables) {
        assertThatThrownBy(() -> book.views().register(new LatestView() {
                    @Override
                    public String name() {
                        return name;
                    }

                    @Override
                    public List<String> tables() {
                        return tables;
                    }

                    @Override
                    public List<String> indexes() {
                        return List.of();
                    }
                }))
                .as(name + " " + tables)
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void queriesOnlyRead() {
        Daybook book = registered(store);
        fill(book, 3);
        for (String sql : List.of(
                "DELETE FROM latest",
                "WITH x AS (SELECT 1) DELETE FROM latest",
                "PRAGMA query_only=OFF",
                "/* */ -- \n COMMIT",
                "ATTACH 'x' AS y",
                "SELECT nothing FROM latest",
                "SELECT ?",
                "")) {
            assertThatThrownBy(() -> book.views().query(NAME, Freshness.own(), r -> r.query(sql)))
                    .as(sql)
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> book.views().query("nothing", Freshness.own(), r -> 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertRight(book);
    }

    @Test
    void valuesComeBackAsTheyWent() {
        Daybook book = registered(store);
        fill(book, 1);
        List<ViewReader> kept = new ArrayList<>();
        ViewReader.Row row = book.views().query(NAME, Freshness.own(), reader -> {
            kept.add(reader);
            return reader.query(
                            "SELECT ?, ?, ?, ?, ?, ?",
                            "a\0b\uD83D\uDE00",
                            Long.MIN_VALUE,
                            7,
                            0.1,
                            new byte[] {0, -1},
                            null)
                    .get(0);
        });
        assertThat(row.text(0)).isEqualTo("a\0b\uD83D\uDE00");
        assertThat(row.number(1)).isEqualTo(Long.MIN_VALUE);
        assertThat(row.number(2)).isEqualTo(7);
        assertThat(row.real(3)).isEqualTo(0.1);
        assertThat(row.bytes(4)).containsExactly(0, -1);
        assertThat(row.isNull(5)).isTrue();
        assertThat(row.text(5)).isNull();
        assertThatThrownBy(() -> kept.get(0).query("SELECT 1")).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aQuerySeesOneState() throws Exception {
        Daybook book = registered(store);
        fill(book, 1);
        assertRight(book);
        CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> fill(book, 500));
        while (!writer.isDone()) {
            book.views().query(NAME, Freshness.any(), reader -> {
                Map<String, String> first = LatestView.rows(reader);
                java.util.concurrent.locks.LockSupport.parkNanos(100_000);
                assertThat(LatestView.rows(reader)).isEqualTo(first);
                return reader.position();
            });
        }
        writer.get();
        assertRight(book);
    }
}
