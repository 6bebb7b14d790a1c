package dev.daybook.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.daybook.CorruptJournalException;
import dev.daybook.Daybook;
import dev.daybook.DaybookException;
import dev.daybook.DaybookOptions;
import dev.daybook.Durability;
import dev.daybook.StoreLockedException;
import dev.daybook.StoreNotFoundException;
import dev.daybook.stream.Appended;
import dev.daybook.stream.Item;
import dev.daybook.stream.NewEvent;
import dev.daybook.stream.Subscription;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Closing answers everybody who waits and leaves nothing behind: no thread, no open file, no lock. */
@Timeout(60)
class CloseTest {
    @TempDir
    Path directory;

    /** Threads of other tests in this process, which are their affair. */
    private final Set<Thread> before = Thread.getAllStackTraces().keySet();

    @AfterEach
    void nothingIsLeft() {
        Awaitility.await().atMost(5, TimeUnit.SECONDS).untilAsserted(() -> {
            assertThat(Thread.getAllStackTraces().keySet().stream()
                            .filter(thread -> !before.contains(thread))
                            .map(Thread::getName)
                            .filter(name -> name.startsWith("daybook-")))
                    .isEmpty();
            assertThat(openFiles()).isEmpty();
        });
    }

    /** Files below the directory that this process has open; none where the system does not tell. */
    private List<Path> openFiles() throws IOException {
        Path descriptors = Path.of("/proc/self/fd");
        if (!Files.isDirectory(descriptors)) {
            return List.of();
        }
        List<Path> open = new ArrayList<>();
        try (var all = Files.list(descriptors)) {
            for (Path descriptor : all.toList()) {
                try {
                    Path file = Files.readSymbolicLink(descriptor);
                    if (file.startsWith(directory)) {
                        open.add(file);
                    }
                } catch (IOException e) {
                    // it was closed meanwhile
                }
            }
        }
        return open;
    }

    private Path store() {
        return directory.resolve("store");
    }

    @Test
    void closingAnswersEveryWaitingAppend() throws Exception {
        Daybook book = Daybook.open(store());
        ConcurrentLinkedQueue<CompletableFuture<Appended>> asked = new ConcurrentLinkedQueue<>();
        ConcurrentLinkedQueue<String> acknowledged = new ConcurrentLinkedQueue<>();
        CountDownLatch begun = new CountDownLatch(8);
        List<Thread> writers = new ArrayList<>();
        for (int w = 0; w < 8; w++) {
            int me = w;
            Thread writer = new Thread(() -> {
                for (int i = 0; ; i++) {
                    String payload = "\"" + me + "-" + i + "\"";
                    try {
                        if (me % 2 == 0) {
                            book.stream("s").append(NewEvent.json("t", payload));
                            acknowledged.add(payload);
                        } else {
                            CompletableFuture<Appended> future =
                                    book.stream("s").appendAsync(NewEvent.json("t", payload));
                            asked.add(future.whenComplete((done, problem) -> {
                                if (problem == null) {
                                    acknowledged.add(payload);
                                }
                            }));
                        }
                    } catch (DaybookException e) {
                        return;
                    } finally {
                        begun.countDown();
                    }
                }
            });
            writer.start();
            writers.add(writer);
        }
        begun.await();
        Thread.sleep(20);
        book.close();
        for (Thread writer : writers) {
            writer.join(10_000);
            assertThat(writer.isAlive()).isFalse();
        }
        assertThat(asked).allMatch(CompletableFuture::isDone);
        try (Daybook again = Daybook.open(store())) {
            assertThat(again.openReport().cleanlyClosed()).isTrue();
            assertThat(again.stream("s").read().stream().map(e -> e.data()).toList())
                    .containsAll(acknowledged);
        }
    }

    @Test
    void closingEndsEverySubscription() throws Exception {
        Daybook book = Daybook.open(store());
        book.stream("s").append(NewEvent.json("t", "1"));
        List<Subscription> subscriptions = List.of(
                book.stream("s").subscribe(1),
                book.stream("s").subscribeLive(),
                book.subscribe("", 2),
                book.subscribeLive(""));
        List<Thread> readers = new ArrayList<>();
        ConcurrentLinkedQueue<Object> ends = new ConcurrentLinkedQueue<>();
        for (Subscription subscription : subscriptions) {
            Thread reader = new Thread(() -> {
                try {
                    Item item = subscription.take();
                    ends.add(item == null ? "end" : item);
                } catch (DaybookException | InterruptedException e) {
                    ends.add("end");
                }
            });
            reader.start();
            readers.add(reader);
        }
        CountDownLatch published = new CountDownLatch(1);
        book.stream("s").publisher(1).subscribe(new Flow.Subscriber<>() {
            @Override
            public void onSubscribe(Flow.Subscription subscription) {
                subscription.request(10);
            }

            @Override
            public void onNext(Item item) {
                ends.add(item);
            }

            @Override
            public void onError(Throwable problem) {
                published.countDown();
            }

            @Override
            public void onComplete() {
                published.countDown();
            }
        });
        Thread.sleep(50);
        book.close();
        for (Thread reader : readers) {
            reader.join(10_000);
            assertThat(reader.isAlive()).isFalse();
        }
        assertThat(published.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(ends).hasSize(4).containsOnly("end");
        subscriptions.forEach(Subscription::close);
    }

    /** Ends its main thread while a store is open, busy and followed. */
    static final class Forgetful {
        private Forgetful() {}

        public static void main(String[] arguments) {
            DaybookOptions options =
                    DaybookOptions.defaults().withDurability(Durability.OS).withSegmentBytesMax(4 << 10);
            Daybook book = Daybook.open(Path.of(arguments[0]), options);
            book.stream("s").publisher(0).subscribe(new Flow.Subscriber<>() {
                @Override
                public void onSubscribe(Flow.Subscription subscription) {
                    subscription.request(Long.MAX_VALUE);
                }

                @Override
                public void onNext(Item item) {}

                @Override
                public void onError(Throwable problem) {}

                @Override
                public void onComplete() {}
            });
            for (int i = 0; i < 50; i++) {
                book.stream("s").append(NewEvent.json("t", "\"" + "x".repeat(300) + "\""));
            }
        }
    }

    @Test
    void storeThatIsNeverClosedKeepsNoProcessAlive() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Forgetful.class.getName(),
                        store().toString())
                .inheritIO()
                .start();
        try {
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
        } finally {
            process.destroyForcibly();
        }
        try (Daybook book = Daybook.open(store())) {
            assertThat(book.openReport().cleanlyClosed()).isFalse();
            assertThat(book.stream("s").read().toList()).hasSize(50);
        }
    }

    @Test
    void storeThatIsClosedByManyAtOnceIsClosedOnce() throws Exception {
        Daybook book = Daybook.open(store(), DaybookOptions.defaults().withDurability(Durability.OS));
        book.stream("s").append(NewEvent.json("t", "1"));
        List<Thread> closers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            Thread closer = new Thread(() -> {
                book.close();
                // Whoever returns from it may open the store again.
                try (Daybook again =
                        Daybook.open(store(), DaybookOptions.defaults().withReadOnly(true))) {
                    assertThat(again.stream("s").read().toList()).hasSize(1);
                }
            });
            closer.start();
            closers.add(closer);
        }
        for (Thread closer : closers) {
            closer.join();
        }
        try (Daybook again = Daybook.open(store())) {
            assertThat(again.openReport().cleanlyClosed()).isTrue();
        }
    }

    @Test
    void refusedOpeningLeavesNothing() throws Exception {
        assertThatThrownBy(() -> Daybook.open(store(), DaybookOptions.defaults().withReadOnly(true)))
                .isInstanceOf(StoreNotFoundException.class);
        try (Daybook book = Daybook.open(store(), DaybookOptions.defaults().withSegmentBytesMax(4 << 10))) {
            for (int i = 0; i < 50; i++) {
                book.stream("s").append(NewEvent.json("t", "\"" + "x".repeat(300) + "\""));
            }
            assertThatThrownBy(() -> Daybook.open(store())).isInstanceOf(StoreLockedException.class);
        }
        Path second;
        try (var segments = Files.list(store().resolve("journal"))) {
            second = segments.filter(p -> p.toString().endsWith(".jsonl"))
                    .sorted()
                    .skip(1)
                    .findFirst()
                    .orElseThrow();
        }
        Path hidden = second.resolveSibling("hidden");
        Files.move(second, hidden);
        for (boolean readOnly : new boolean[] {false, true}) {
            assertThatThrownBy(() ->
                            Daybook.open(store(), DaybookOptions.defaults().withReadOnly(readOnly)))
                    .isInstanceOf(CorruptJournalException.class);
        }
        assertThat(openFiles()).isEmpty();
        Files.move(hidden, second);
        try (Daybook book = Daybook.open(store())) { // the lock was given back
            assertThat(book.stream("s").read().toList()).hasSize(50);
        }
    }

    @Test
    void openingAndClosingManyTimesLeavesNothing() throws Exception {
        for (int i = 0; i < 100; i++) {
            try (Daybook book = Daybook.open(store(), DaybookOptions.defaults().withSegmentBytesMax(4 << 10))) {
                for (int k = 0; k < 3; k++) {
                    book.stream("s").append(NewEvent.json("t", "\"" + "x".repeat(1_000) + "\""));
                }
                try (Daybook reader =
                        Daybook.open(store(), DaybookOptions.defaults().withReadOnly(true))) {
                    assertThat(reader.stream("s").read().toList()).hasSize(3 * i + 3);
                }
            }
        }
        assertThat(openFiles()).isEmpty();
    }
}
