package dev.daybook.testkit;

import static dev.daybook.testkit.LatestView.NAME;
import static dev.daybook.testkit.LatestView.assertRight;
import static dev.daybook.testkit.LatestView.event;
import static dev.daybook.testkit.LatestView.files;
import static dev.daybook.testkit.LatestView.fill;
import static dev.daybook.testkit.LatestView.fillMany;
import static dev.daybook.testkit.LatestView.registered;
import static dev.daybook.testkit.LatestView.status;
import static dev.daybook.testkit.LatestView.views;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.daybook.Daybook;
import dev.daybook.Freshness;
import dev.daybook.Progress;
import dev.daybook.StoreFailedException;
import dev.daybook.stream.Event;
import dev.daybook.view.ViewWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Views: whatever happens to their files, what they answer is what the journal says. */
@Timeout(60)
class ViewFileTest {
    @RegisterExtension
    final StoreExtension store = new StoreExtension();

    // ---- files that are no good
    @Test
    void anotherVersionIsMadeAnew() {
        Daybook book = registered(store);
        fill(book, 20);
        assertRight(book);
        store.close();
        book = registered(store, new LatestView(2));
        assertRight(book);
        assertThat(status(book).version()).isEqualTo(2);
        assertThat(files(store)).hasSize(1);
    }

    @Test
    void otherTablesAreMadeAnewAlsoWithTheSameVersion() {
        Daybook book = registered(store);
        fill(book, 20);
        assertRight(book);
        store.close();
        book = registered(store, new LatestView() {
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
        Files.createDirectories(views(store));
        Files.copy(other.resolve("views/user-latest.1.db"), views(store).resolve("user-latest.1.db"));
        book.views().register(new LatestView());
        assertRight(book);
    }

    @ParameterizedTest
    @ValueSource(strings = {"drop", "empty", "header", "page", "cut", "folder", "older"})
    void damagedFileIsMadeAnew(String how) throws IOException {
        Daybook book = registered(store);
        fill(book, 20);
        assertRight(book);
        store.close();
        Path file = files(store).get(0);
        Files.copy(file, store.directory().resolveSibling("older"));
        book = registered(store);
        fillMany(book);
        assertRight(book);
        store.close();
        damage(file, how, store.directory().resolveSibling("older"));
        book = registered(store);
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
        Daybook book = registered(store);
        fill(book, 20);
        assertRight(book);
        Path file = files(store).get(0);
        if (how.equals("replaced")) {
            Path other = file.resolveSibling("other");
            Files.write(other, new byte[10_000]);
            Files.move(other, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        } else if (how.equals("folder")) {
            for (String suffix : List.of("", "-wal", "-shm")) {
                Files.deleteIfExists(Path.of(file + suffix));
            }
            Files.delete(views(store));
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
        Daybook book = registered(store);
        fillMany(book);
        assertRight(book);
        Awaitility.await().until(() -> Files.size(Path.of(files(store).get(0) + "-wal")) == 0);
        try (var channel =
                java.nio.channels.FileChannel.open(files(store).get(0), java.nio.file.StandardOpenOption.WRITE)) {
            channel.truncate(8_192);
        }
        assertRight(book);
        fill(book, 5);
        assertRight(book);
    }

    @Test
    void viewThatIsAheadOfTheJournalIsMadeAnew() throws IOException {
        cutJournalBehindTheView();
        Daybook book = registered(store);
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
        assertRight(registered(store));
    }

    /** As a power cut does with Durability.OS: lines are lost that a view has seen. */
    private void cutJournalBehindTheView() throws IOException {
        Daybook book = registered(store);
        fill(book, 20);
        store.close();
        Path before = store.directory().resolveSibling("before");
        copy(store.directory(), before);
        book = registered(store);
        fill(book, 20);
        assertRight(book);
        store.close();
        Path views = store.directory().resolveSibling("views");
        Files.move(views(store), views);
        Files.move(store.directory(), store.directory().resolveSibling("after"));
        copy(before, store.directory());
        try (Stream<Path> old = Files.list(views(store))) {
            for (Path file : old.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(views(store));
        Files.move(views, views(store));
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path file : all.toList()) {
                Files.copy(file, to.resolve(from.relativize(file)));
            }
        }
    }

    // ---- rebuilding
    @Test
    void oldViewAnswersAndFollowsDuringARebuild() throws Exception {
        LatestView view = new LatestView();
        Daybook book = registered(store, view);
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
        assertThat(files(store)).extracting(p -> p.getFileName().toString()).containsExactly("user-latest.2.db");
    }

    @Test
    void newerOneOfTwoBuildsIsUsedAndTheOtherRemoved() throws IOException {
        Daybook book = registered(store);
        fill(book, 5);
        assertRight(book);
        store.close();
        Path older = files(store).get(0);
        Files.copy(
                older, older.resolveSibling("user-latest.7.db")); // as a crash leaves it in the middle of a replacement
        book = registered(store);
        fill(book, 5);
        assertRight(book);
        assertThat(files(store)).extracting(p -> p.getFileName().toString()).containsExactly("user-latest.7.db");
    }

    @Test
    void failureWhileARebuildTakesOverIsTold() {
        AtomicInteger failures = new AtomicInteger();
        Daybook book = registered(store, new LatestView() {
            @Override
            public void event(Event event, ViewWriter tables) {
                if (Thread.currentThread().getName().endsWith("-rebuild") && failures.getAndDecrement() > 0) {
                    throw new OutOfMemoryError("planted");
                }
                super.event(event, tables);
            }
        });
        fill(book, 5);
        assertRight(book);
        failures.set(1);
        assertThatThrownBy(() -> book.views().rebuild(NAME, Progress.NONE))
                .isInstanceOf(StoreFailedException.class)
                .hasMessageContaining("planted");
        assertRight(book);
        book.views().rebuild(NAME, Progress.NONE);
        assertRight(book);
    }

    @Test
    void unfinishedRebuildsAreRemovedAtTheOpening() throws IOException {
        Daybook book = registered(store);
        fill(book, 5);
        assertRight(book);
        store.close();
        for (String name : List.of("user-latest.2.db.tmp", "user-latest.2.db.tmp-journal", "user-gone.7.db.tmp")) {
            Files.write(views(store).resolve(name), new byte[] {1});
        }
        assertRight(registered(store));
        try (Stream<Path> left = Files.list(views(store))) {
            assertThat(left).noneMatch(p -> p.toString().contains(".tmp"));
        }
    }
}
