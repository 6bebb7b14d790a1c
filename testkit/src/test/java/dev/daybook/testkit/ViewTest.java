package dev.daybook.testkit;

import static dev.daybook.testkit.LatestView.NAME;
import static dev.daybook.testkit.LatestView.expected;
import static dev.daybook.testkit.LatestView.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.Freshness;
import dev.daybook.Progress;
import dev.daybook.RefusedException;
import dev.daybook.StoreClosedException;
import dev.daybook.ViewBehindException;
import dev.daybook.driver.filesystem.FilesystemDriver;
import dev.daybook.stream.Appended;
import dev.daybook.stream.Batch;
import dev.daybook.stream.Event;
import dev.daybook.stream.NewEvent;
import dev.daybook.view.View;
import dev.daybook.view.ViewReader;
import dev.daybook.view.ViewStatus;
import dev.daybook.view.ViewWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
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
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Views: whatever happens to their files, what they answer is what the journal says. */
@Timeout(60)
class ViewTest {
    private static final DaybookOptions READING = DaybookOptions.defaults().withReadOnly(true);

    @RegisterExtension
    final StoreExtension store = new StoreExtension();

    private static NewEvent event(String data) {
        return NewEvent.json("t", "\"" + data + "\"");
    }

    private Daybook registered() {
        return registered(new LatestView());
    }

    private Daybook registered(View view) {
        Daybook book = store.open();
        book.views().register(view);
        return book;
    }

    private static void fill(Daybook book, int events) {
        for (int i = 0; i < events; i++) {
            book.stream("runs/" + i % 7).append(event("e" + i));
        }
    }

    private static void fillMany(Daybook book) {
        List<CompletableFuture<?>> all = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            all.add(book.stream("s" + i).appendAsync(event("e" + i)));
        }
        all.forEach(CompletableFuture::join);
    }

    private Path views() {
        return store.directory().resolve("views");
    }

    private List<Path> files() {
        try (Stream<Path> list = Files.list(views())) {
            return list.filter(p -> p.toString().endsWith(".db")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void assertRight(Daybook book) {
        assertThat(rows(book, Freshness.own())).isEqualTo(expected(book));
    }

    // ---- following

    @Test
    void everyWriteIsSeenByTheNextQuery() {
        Daybook book = registered();
        for (int i = 1; i <= 200; i++) {
            book.stream("a").append(event("e" + i));
            assertThat(rows(book, Freshness.own())).containsExactly(Map.entry("a", i + " \"e" + i + "\""));
        }
    }

    @Test
    void deletedStreamsAreGone() {
        Daybook book = registered();
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
        Daybook book = registered();
        fill(book, 30);
        Map<String, String> live = rows(book, Freshness.own());
        book.stream("runs/3").keepNewest(1);
        assertThat(rows(book, Freshness.own())).isEqualTo(live);
        book.views().rebuild(NAME, Progress.NONE);
        assertThat(rows(book, Freshness.own())).isEqualTo(live);
    }

    @Test
    void viewOfAPrefixSeesOnlyThat() {
        Daybook book = registered(new LatestView() {
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
        Daybook book = registered(new Counting());
        fill(book, 50);
        assertRight(book);
        store.close();
        book = registered(new Counting());
        fill(book, 5);
        assertRight(book);
        assertThat(folded).hasValue(55);
    }

    @Test
    void filesAreForTheirOwnerOnly() throws IOException {
        Daybook book = registered();
        fill(book, 5);
        assertRight(book);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(views())))
                .isEqualTo("rwx------");
        try (Stream<Path> all = Files.list(views())) {
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
        Daybook book = registered();
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
        Daybook book = registered();
        store.close();
        assertThatThrownBy(() -> rows(book, Freshness.any())).isInstanceOf(StoreClosedException.class);
        assertThatThrownBy(() -> book.views().register(new LatestView(2))).isInstanceOf(StoreClosedException.class);
    }

    // ---- waiting

    @Test
    void queryThatWaitsInVainSaysWhereTheViewIs() {
        Daybook book = registered();
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
        Daybook book = registered(slow);
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
        Daybook book = registered();
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
        Daybook book = registered();
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

    // ---- files that are no good

    @Test
    void anotherVersionIsMadeAnew() {
        Daybook book = registered();
        fill(book, 20);
        assertRight(book);
        store.close();
        book = registered(new LatestView(2));
        assertRight(book);
        assertThat(book.views().status().get(0).version()).isEqualTo(2);
        assertThat(files()).hasSize(1);
    }

    @Test
    void otherTablesAreMadeAnewAlsoWithTheSameVersion() {
        Daybook book = registered();
        fill(book, 20);
        assertRight(book);
        store.close();
        book = registered(new LatestView() {
            @Override
            public List<String> indexes() {
                return List.of("CREATE INDEX another ON latest (events)");
            }
        });
        assertRight(book);
        assertThat(book.views()
                        .<String>query(
                                NAME,
                                Freshness.own(),
                                r -> r.query("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL")
                                        .get(0)
                                        .text(0)))
                .isEqualTo("another");
    }

    @Test
    void viewOfAnotherStoreIsMadeAnew() throws IOException {
        Path other = store.directory().resolveSibling("other");
        try (Daybook book = Daybook.open(other)) {
            book.views().register(new LatestView());
            book.stream("foreign").append(event("x"));
            assertRight(book);
        }
        Daybook book = store.open();
        fill(book, 5);
        Files.createDirectories(views());
        Files.copy(other.resolve("views/user-latest.1.db"), views().resolve("user-latest.1.db"));
        book.views().register(new LatestView());
        assertRight(book);
    }

    @ParameterizedTest
    @ValueSource(strings = {"drop", "empty", "header", "page", "cut", "folder", "older"})
    void damagedFileIsMadeAnew(String how) throws IOException {
        Daybook book = registered();
        fill(book, 20);
        assertRight(book);
        store.close();
        Path file = files().get(0);
        Files.copy(file, store.directory().resolveSibling("older"));
        book = registered();
        fillMany(book);
        assertRight(book);
        store.close();
        damage(file, how, store.directory().resolveSibling("older"));
        book = registered();
        fill(book, 5);
        assertRight(book);
    }

    private static void damage(Path file, String how, Path older) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        switch (how) {
            case "drop" -> Files.delete(file);
            case "empty" -> Files.write(file, new byte[0]);
            case "header" -> {
                bytes[3] ^= 1;
                Files.write(file, bytes);
            }
            case "page" -> {
                assertThat(bytes.length).isGreaterThan(5 * 4096);
                java.util.Arrays.fill(bytes, bytes.length - 4 * 4096, bytes.length - 4096, (byte) 0);
                Files.write(file, bytes);
            }
            case "cut" -> Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length / 2));
            case "folder" -> {
                Files.delete(file);
                Files.createDirectory(file);
            }
            default -> Files.copy(older, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"drop", "folder", "older", "replaced"})
    void fileThatGoesUnderWayIsMadeAnew(String how) throws IOException {
        Daybook book = registered();
        fill(book, 20);
        assertRight(book);
        Path file = files().get(0);
        if (how.equals("replaced")) {
            Path other = file.resolveSibling("other");
            Files.write(other, new byte[10_000]);
            Files.move(other, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        } else if (how.equals("folder")) {
            for (String suffix : List.of("", "-wal", "-shm")) {
                Files.deleteIfExists(Path.of(file + suffix));
            }
            Files.delete(views());
        } else {
            Files.delete(file);
        }
        fill(book, 20);
        assertRight(book);
        book.views().rebuild(NAME, Progress.NONE);
        assertRight(book);
    }

    @Test
    void fileThatIsCutUnderWayIsMadeAnew() throws IOException {
        Daybook book = registered();
        fillMany(book);
        assertRight(book);
        Awaitility.await().until(() -> Files.size(Path.of(files().get(0) + "-wal")) == 0);
        try (var channel = java.nio.channels.FileChannel.open(files().get(0), java.nio.file.StandardOpenOption.WRITE)) {
            channel.truncate(8_192);
        }
        assertRight(book);
        fill(book, 5);
        assertRight(book);
    }

    @Test
    void viewThatIsAheadOfTheJournalIsMadeAnew() throws IOException {
        cutJournalBehindTheView();
        Daybook book = registered();
        assertRight(book);
        fill(book, 3);
        assertRight(book);
    }

    @Test
    void viewOfLinesThatOthersReplacedIsMadeAnew() throws IOException {
        cutJournalBehindTheView();
        for (int i = 0; i < 40; i++) {
            store.open().stream("others").append(event("o" + i));
        }
        assertRight(registered());
    }

    /** As a power cut does with Durability.OS: lines are lost that a view has seen. */
    private void cutJournalBehindTheView() throws IOException {
        Daybook book = registered();
        fill(book, 20);
        store.close();
        Path before = store.directory().resolveSibling("before");
        copy(store.directory(), before);
        book = registered();
        fill(book, 20);
        assertRight(book);
        store.close();
        Path views = store.directory().resolveSibling("views");
        Files.move(views(), views);
        Files.move(store.directory(), store.directory().resolveSibling("after"));
        copy(before, store.directory());
        try (Stream<Path> old = Files.list(views())) {
            for (Path file : old.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(views());
        Files.move(views, views());
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path file : all.toList()) {
                Files.copy(file, to.resolve(from.relativize(file)));
            }
        }
    }

    // ---- folds that throw

    @Test
    void poisonStopsTheViewThereAndNothingElse() {
        LatestView view = new LatestView();
        view.poisoned = true;
        Daybook book = registered(view);
        book.views().register(new LatestView() {
            @Override
            public String name() {
                return "healthy";
            }
        });
        fill(book, 10);
        assertRight(book);
        Map<String, String> before = rows(book, Freshness.own());
        long at = book.stream("runs/1").append(NewEvent.json("poison", "1")).pos();
        fill(book, 10);

        ViewBehindException stopped =
                catchThrowableOfType(ViewBehindException.class, () -> rows(book, Freshness.own()));
        assertThat(stopped.status().state()).isEqualTo(ViewStatus.State.STOPPED);
        assertThat(stopped.status().position()).isEqualTo(at - 1);
        assertThat(stopped.status().stoppedBecause().orElseThrow())
                .contains("position " + at)
                .contains("cannot take 1");
        assertThat(rows(book, Freshness.any())).isEqualTo(before);
        Map<String, String> healthy = book.views().query("healthy", Freshness.own(), LatestView::rows);
        assertThat(healthy).isEqualTo(expected(book));

        assertThatThrownBy(() -> book.views().rebuild(NAME, Progress.NONE)).isInstanceOf(ViewBehindException.class);
        assertThat(rows(book, Freshness.any())).isEqualTo(before);

        view.poisoned = false; // a fold that was mended
        book.views().rebuild(NAME, Progress.NONE);
        assertRight(book);
    }

    @Test
    void nothingOfAnAppendThatHoldsAPoisonIsThere() {
        LatestView view = new LatestView();
        view.poisoned = true;
        Daybook book = registered(view);
        Daybook reader = store.open(READING);
        reader.views().register(new LatestView());
        fill(book, 10);
        assertRight(book);
        Map<String, String> before = rows(book, Freshness.own());
        long last = book.info().lastPosition();
        List<Appended> parts = book.append(Batch.of()
                .event("new", event("first"))
                .event("runs/1", event("second"))
                .event("runs/2", NewEvent.json("poison", "1"))
                .event("runs/3", event("fourth")));
        Appended poison = parts.get(2);
        fill(book, 10);
        ViewBehindException stopped =
                catchThrowableOfType(ViewBehindException.class, () -> rows(book, Freshness.own()));
        assertThat(stopped)
                .hasMessageContaining("view latest is at position " + last)
                .hasMessageContaining("position " + poison.pos() + ", event " + poison.seq() + " of stream runs/2")
                .hasMessageContaining("cannot take 1")
                .hasMessageContaining("rebuild the view");
        assertThat(rows(book, Freshness.any())).isEqualTo(before);
        assertThatThrownBy(() -> rows(reader, Freshness.own()))
                .isInstanceOf(ViewBehindException.class)
                .hasMessageContaining("event " + poison.seq() + " of stream runs/2");
        assertThat(book.stream("runs/3").append(event("on")).pos()).isPositive();
        store.close();
        assertRight(registered());
    }

    @Test
    void linesBeforeAPoisonInOneBatchAreThere() {
        LatestView view = new LatestView();
        view.poisoned = true;
        Daybook book = store.open();
        fill(book, 500);
        Map<String, String> before = expected(book);
        book.stream("runs/1").append(NewEvent.json("poison", "1"));
        fill(book, 500);
        book.views().register(view);
        assertThatThrownBy(() -> rows(book, Freshness.own())).isInstanceOf(ViewBehindException.class);
        assertThat(rows(book, Freshness.any())).isEqualTo(before);
        store.close();
        assertRight(registered()); // tried again
        assertThat(files().get(0)).hasFileName("user-latest.1.db"); // and not from the beginning
    }

    @Test
    void statementThatSqliteDoesNotTakeIsAPoison() {
        Daybook book = registered(new LatestView() {
            @Override
            public void event(Event event, ViewWriter tables) {
                super.event(event, tables);
                tables.update("INSERT INTO nowhere VALUES (1)");
            }
        });
        fill(book, 1);
        assertThatThrownBy(() -> rows(book, Freshness.own()))
                .isInstanceOf(ViewBehindException.class)
                .hasMessageContaining("nowhere");
        assertThat(rows(book, Freshness.any())).isEmpty();
    }

    @Test
    void failureThatIsNotTheEventsIsTriedAgain() {
        AtomicInteger failures = new AtomicInteger();
        class Failing extends LatestView {
            @Override
            public void event(Event event, ViewWriter tables) {
                super.event(event, tables);
                if (failures.getAndDecrement() > 0) {
                    throw new OutOfMemoryError("planted");
                }
            }
        }
        Daybook book = registered(new Failing());
        fill(book, 5);
        assertRight(book);
        Map<String, String> before = rows(book, Freshness.own());
        failures.set(1);
        fill(book, 1);
        assertThatThrownBy(() -> rows(book, Freshness.own().within(Duration.ofMillis(200))))
                .isInstanceOf(ViewBehindException.class)
                .hasMessageContaining("planted");
        assertThat(rows(book, Freshness.any())).isEqualTo(before);
        assertRight(book); // a second later
    }

    // ---- rebuilding

    @Test
    void oldViewAnswersAndFollowsDuringARebuild() throws Exception {
        LatestView view = new LatestView();
        Daybook book = registered(view);
        fill(book, 100);
        assertRight(book);
        AtomicInteger told = new AtomicInteger();
        view.pauseMillis = 5;
        CompletableFuture<Void> rebuild =
                CompletableFuture.runAsync(() -> book.views().rebuild(NAME, (done, total) -> told.incrementAndGet()));
        int during = 0;
        while (!rebuild.isDone()) {
            book.stream("during").append(event("d" + during++));
            assertRight(book);
        }
        rebuild.get();
        view.pauseMillis = 0;
        assertThat(during).isGreaterThan(5);
        assertThat(told.get()).isPositive();
        assertRight(book);
        assertThat(files()).extracting(p -> p.getFileName().toString()).containsExactly("user-latest.2.db");
    }

    @Test
    void unfinishedRebuildsAreRemovedAtTheOpening() throws IOException {
        Daybook book = registered();
        fill(book, 5);
        assertRight(book);
        store.close();
        for (String name : List.of("user-latest.2.db.tmp", "user-latest.2.db.tmp-journal", "user-gone.7.db.tmp")) {
            Files.write(views().resolve(name), new byte[] {1});
        }
        assertRight(registered());
        try (Stream<Path> left = Files.list(views())) {
            assertThat(left).noneMatch(p -> p.toString().contains(".tmp"));
        }
    }

    // ---- reading beside the owner

    @Test
    void readOnlyOpeningSeesTheOwnersView() {
        Daybook book = registered();
        Daybook reader = store.open(READING);
        fill(book, 20);
        assertRight(book);
        reader.views().register(new LatestView());
        for (int i = 0; i < 100; i++) {
            long pos = book.stream("a").append(event("e" + i)).pos();
            assertThat(rows(reader, Freshness.at(pos))).containsEntry("a", (i + 1) + " \"e" + i + "\"");
        }
        assertThat(reader.views().status().get(0).state()).isEqualTo(ViewStatus.State.READING);
        book.views().rebuild(NAME, Progress.NONE);
        fill(book, 5);
        assertRight(reader);
        assertThatThrownBy(() -> reader.views().rebuild(NAME, Progress.NONE)).isInstanceOf(RefusedException.class);
    }

    @Test
    void readOnlyOpeningWithoutAnOwnerUsesWhatIsThere() {
        Daybook book = registered();
        fill(book, 20);
        assertRight(book);
        store.close();
        List<Path> before = files();
        AtomicReference<Event> folded = new AtomicReference<>();
        Daybook reader = store.open(READING);
        reader.views().register(new LatestView() {
            @Override
            public void event(Event event, ViewWriter tables) {
                folded.set(event);
            }
        });
        assertRight(reader);
        assertThat(folded).hasValue(null);
        assertThat(files()).isEqualTo(before);
    }

    @Test
    void readOnlyOpeningMakesItsOwnWhenNobodyMovesTheView() {
        Daybook book = registered();
        fill(book, 20);
        assertRight(book);
        store.close();
        fill(store.open(), 20); // without views
        store.close();
        List<Path> before = files();
        AtomicInteger folded = new AtomicInteger();
        Daybook reader = store.open(READING);
        reader.views().register(new LatestView() {
            @Override
            public void event(Event event, ViewWriter tables) {
                folded.incrementAndGet();
                super.event(event, tables);
            }
        });
        assertThat(rows(reader, Freshness.any())).hasSize(7); // the owner's
        assertThat(folded).hasValue(0);
        assertRight(reader);
        assertThat(folded).hasValue(20); // a copy, and what came since
        assertThat(files()).isEqualTo(before);
        fill(store.open(), 3);
        assertRight(reader); // it follows
    }

    @Test
    void readOnlyOpeningMakesItsOwnWhereNoneIs() throws IOException {
        fill(store.open(), 20);
        store.close();
        Daybook reader = store.open(READING);
        reader.views().register(new LatestView());
        assertRight(reader);
        assertThat(views()).doesNotExist();
    }

    @Test
    void linesThatDoNotConcernAViewDoNotMakeItOld() {
        class Narrow extends LatestView {
            @Override
            public String prefix() {
                return "runs";
            }
        }
        Daybook book = registered(new Narrow());
        fill(book, 20);
        Map<String, String> there = rows(book, Freshness.own());
        store.close();
        for (int i = 0; i < 50; i++) {
            store.open().stream("other").append(event("o" + i));
        }
        store.close();
        Daybook reader = store.open(READING);
        AtomicInteger folded = new AtomicInteger();
        reader.views().register(new Narrow() {
            @Override
            public void event(Event event, ViewWriter tables) {
                folded.incrementAndGet();
            }
        });
        assertThat(rows(reader, Freshness.own())).isEqualTo(there);
        long end = reader.info().lastPosition();
        assertThat(reader.views().<Long>query(NAME, Freshness.own(), ViewReader::position))
                .isEqualTo(end);
        assertThat(folded).hasValue(0);
    }

    // ---- what is not allowed

    @Test
    void badViewsAreRefused() {
        Daybook book = registered();
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
        assertThat(book.views().status()).hasSize(1);
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
        Daybook book = registered();
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
        Daybook book = registered();
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
        Daybook book = registered();
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
