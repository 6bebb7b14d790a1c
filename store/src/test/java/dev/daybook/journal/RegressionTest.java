package dev.daybook.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.daybook.CorruptJournalException;
import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.InvalidEventException;
import dev.daybook.Progress;
import dev.daybook.StoreLockedException;
import dev.daybook.driver.memory.MemoryDriver;
import dev.daybook.stream.AppendOptions;
import dev.daybook.stream.Appended;
import dev.daybook.stream.Event;
import dev.daybook.stream.Gap;
import dev.daybook.stream.Item;
import dev.daybook.stream.NewEvent;
import dev.daybook.stream.ReadOptions;
import dev.daybook.stream.Stream;
import dev.daybook.stream.Subscription;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bugs that were found once, each by the rule it broke. */
class RegressionTest {
    private static final DaybookOptions SMALL = DaybookOptions.defaults().withSegmentBytesMax(4 << 10);

    @TempDir
    Path directory;

    private static NewEvent event(int i) {
        return NewEvent.json("t", "{\"i\":" + i + ",\"x\":\"" + "x".repeat(200) + "\"}");
    }

    /** A POSIX lock goes when any descriptor of its file is closed: naming the owner must not open it. */
    @Test
    void refusedSecondOpeningLeavesTheLockAlone() throws Exception {
        try (Daybook book = Daybook.open(directory)) {
            assertThatThrownBy(() -> Daybook.open(directory).close())
                    .isInstanceOfSatisfying(
                            StoreLockedException.class,
                            e -> assertThat(e.owner())
                                    .contains("pid " + ProcessHandle.current().pid()));
            assertThat(lockIsFreeForAnotherProcess()).isFalse();
            book.stream("a").append(event(1));
        }
        assertThat(lockIsFreeForAnotherProcess()).isTrue();
    }

    private boolean lockIsFreeForAnotherProcess() throws Exception {
        Process probe = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        LockProbe.class.getName(),
                        directory.resolve("lock").toString())
                .redirectErrorStream(true)
                .start();
        assertThat(probe.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return probe.exitValue() == 0;
    }

    /** Exits with 0 if it can have the lock. */
    static final class LockProbe {
        private LockProbe() {}

        public static void main(String[] arguments) throws IOException {
            try (FileChannel channel = FileChannel.open(Path.of(arguments[0]), StandardOpenOption.WRITE)) {
                System.exit(channel.tryLock() == null ? 1 : 0);
            }
        }
    }

    /** Heads may end in the middle of a segment that later was followed by others. */
    @Test
    void headsThatEndInsideAnOlderSegmentLoseNoStream() {
        MemoryDriver driver = new MemoryDriver();
        try (Daybook book = Daybook.open(driver, DaybookOptions.defaults())) {
            book.stream("first").append(event(0));
        }
        try (Daybook book = Daybook.open(driver, SMALL)) {
            book.stream("precious").append(event(1));
            for (int i = 0; i < 60; i++) {
                book.stream("filler").append(event(i));
            }
        }
        for (int round = 0; round < 3; round++) {
            try (Daybook book = Daybook.open(driver, SMALL)) {
                assertThat(book.stream("precious").info()).isPresent();
                assertThat(book.stream("first").read().toList()).hasSize(1);
            }
        }
        assertThat(Daybook.verify(driver, Progress.NONE).problems()).isEmpty();
    }

    /** A bad line behind the position that the heads know is damage, also when only the heads are wanted. */
    @Test
    void foldingOnFromTheHeadsStopsAtABadLine() throws IOException {
        try (Daybook book = Daybook.open(directory)) {
            book.stream("a").append(event(1));
        }
        Path head;
        try (var heads = Files.list(directory.resolve("heads"))) {
            head = heads.findFirst().orElseThrow();
        }
        byte[] early = Files.readAllBytes(head);
        try (Daybook book = Daybook.open(directory, SMALL)) {
            for (int i = 0; i < 40; i++) {
                book.stream("a").append(event(i));
            }
        }
        try (var heads = Files.list(directory.resolve("heads"))) {
            for (Path table : heads.toList()) {
                Files.delete(table);
            }
        }
        Files.write(head, early);
        Path first = directory.resolve("journal/00000000000000000001-0.jsonl");
        byte[] bytes = Files.readAllBytes(first);
        bytes[bytes.length / 2] ^= 1;
        Files.write(first, bytes);
        assertThatThrownBy(() -> Daybook.open(directory).close()).isInstanceOf(CorruptJournalException.class);
    }

    @Test
    void openingAndClosingWithAnEmptyNewestSegmentIsHarmless() throws IOException {
        JournalFiles files = new JournalFiles(directory);
        files.put(
                1, JournalFiles.header(1, 1), JournalFiles.creation(1, 0, "a"), JournalFiles.event(2, 1, "a", 1, "1"));
        files.put(3, JournalFiles.header(2, 3));
        DaybookOptions soon = DaybookOptions.defaults().withClock(() -> JournalFiles.MICROS + 1_000_000);
        for (int i = 0; i < 3; i++) {
            Daybook.open(directory, soon).close();
        }
        assertThat(Daybook.verify(directory, Progress.NONE).problems()).isEmpty();
        DaybookOptions early = DaybookOptions.defaults().withClock(() -> JournalFiles.MICROS - 60_000_000);
        try (Daybook book = Daybook.open(directory, early)) {
            Appended appended = book.stream("a").append(event(2));
            assertThat(dev.daybook.internal.time.Timestamps.micros(appended.time()))
                    .isGreaterThanOrEqualTo(JournalFiles.MICROS);
        }
        assertThat(Daybook.verify(directory, Progress.NONE).problems()).isEmpty();
    }

    @Test
    void idsOfADeletedStreamAreNotThoseOfItsSuccessor() {
        try (Daybook book = Daybook.memory()) {
            Stream stream = book.stream("a");
            for (int round = 0; round < 50; round++) {
                List<CompletableFuture<Appended>> all = new ArrayList<>();
                all.add(stream.appendAsync(event(1).id("x")));
                stream.delete();
                all.add(stream.appendAsync(event(2)));
                CompletableFuture<Appended> again = stream.appendAsync(event(3).id("x"));
                assertThat(again.join().duplicate()).isFalse();
                all.forEach(CompletableFuture::join);
                assertThat(stream.append(event(3).id("x")).duplicate()).isTrue();
            }
        }
    }

    @Test
    void unpairedSurrogateInAnOrderTokenHurtsNobodyElse() {
        try (Daybook book = Daybook.memory()) {
            assertThatThrownBy(() -> AppendOptions.none().order("\ud800")).isInstanceOf(InvalidEventException.class);
            assertThatThrownBy(() -> AppendOptions.from("\ud800", 0, 0)).isInstanceOf(InvalidEventException.class);
            assertThat(book.stream("a").append(event(1)).seq()).isEqualTo(1);
        }
    }

    @Test
    void closingProducerInALaterSessionFitsTheStoredHeads() {
        MemoryDriver driver = new MemoryDriver();
        try (Daybook book = Daybook.open(driver, DaybookOptions.defaults())) {
            book.stream("s").append(List.of(event(1), event(2)), AppendOptions.from("p", 0, 0));
        }
        try (Daybook book = Daybook.open(driver, DaybookOptions.defaults())) {
            book.stream("s").append(List.of(), AppendOptions.from("p", 0, 1).close());
        }
        assertThat(Daybook.verify(driver, Progress.NONE).problems()).isEmpty();
    }

    @Test
    void closingOnAnInterruptedThreadIsStillClean() {
        Daybook book = Daybook.open(directory);
        book.stream("a").append(event(1));
        Thread.currentThread().interrupt();
        book.close();
        assertThat(Thread.interrupted()).isTrue();
        try (Daybook again = Daybook.open(directory)) {
            assertThat(again.openReport().cleanlyClosed()).isTrue();
        }
    }

    @Test
    void blockingAppendInAContinuationDoesNotWaitForItself() throws Exception {
        try (Daybook book = Daybook.memory()) {
            List<CompletableFuture<Appended>> inner = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                int n = i;
                inner.add(book.stream("a")
                        .appendAsync(event(i))
                        .thenApply(a -> book.stream("b").append(event(n))));
            }
            for (CompletableFuture<Appended> future : inner) {
                assertThat(future.get(10, TimeUnit.SECONDS).stream()).isEqualTo("b");
            }
        }
    }

    @Test
    void askingForStreamsThatAreNotThereCostsNoMemory() {
        try (Daybook book = Daybook.memory()) {
            for (int i = 0; i < 1_000; i++) {
                assertThat(book.stream("none/" + i).delete()).isFalse();
            }
            assertThat(book.streams("", "", 10)).isEmpty();
            assertThat(book.info().lastPosition()).isZero();
        }
    }

    @Test
    void deletionTellsWhatWasNotRead() throws InterruptedException {
        try (Daybook book = Daybook.memory()) {
            Stream stream = book.stream("a");
            for (int i = 0; i < 5; i++) {
                stream.append(event(i));
            }
            try (Subscription live = stream.subscribe(5)) {
                assertThat(live.poll(Duration.ZERO)).isNull();
                for (int i = 0; i < 5; i++) {
                    stream.append(event(i));
                }
                stream.delete();
                Item item = live.take();
                assertThat(item).isInstanceOfSatisfying(Gap.class, gap -> {
                    assertThat(gap.reason()).isEqualTo(Gap.Reason.DELETED);
                    assertThat(gap.fromSeq()).isEqualTo(6);
                    assertThat(gap.toSeq()).isEqualTo(10);
                });
            }
        }
    }

    /** The commit thread takes in what comes while it works; it must let go of what it has done also when there is always more. */
    @Test
    void appendsThatAreDoneAreNotKeptUnderSustainedLoad() throws Exception {
        DaybookOptions narrow = DaybookOptions.defaults().withQueueBytesMax(16 << 20);
        NewEvent large = NewEvent.json("t", "\"" + "x".repeat(20_000) + "\"");
        try (Daybook book = Daybook.open(directory, narrow)) {
            Stream stream = book.stream("a");
            AtomicBoolean stop = new AtomicBoolean();
            List<Thread> writers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Thread writer = new Thread(() -> {
                    while (!stop.get()) {
                        stream.appendAsync(large);
                    }
                });
                writer.start();
                writers.add(writer);
            }
            try {
                Thread.sleep(300);
                WeakReference<CompletableFuture<Appended>> done = new WeakReference<>(stream.appendAsync(large));
                long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
                while (done.get() != null && System.nanoTime() < until) {
                    Thread.sleep(100);
                    System.gc();
                }
                assertThat(done.get()).isNull();
            } finally {
                stop.set(true);
                for (Thread writer : writers) {
                    writer.join();
                }
            }
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The common pool belongs to the program: what it does not get round to is not gathered there. */
    @Test
    void readingBesideABusyCommonPoolGathersNothingInIt() throws Exception {
        ForkJoinPool pool = ForkJoinPool.commonPool();
        CountDownLatch release = new CountDownLatch(1);
        try (Daybook book = Daybook.open(directory)) {
            NewEvent large = NewEvent.json("t", "\"" + "x".repeat(10_000) + "\"");
            for (int i = 0; i < 2_000; i++) {
                book.stream("a").appendAsync(large);
            }
            book.stream("a").append(large);
            for (int i = 0; i < Math.max(1, pool.getParallelism()); i++) {
                pool.execute(() -> await(release));
            }
            long before = pool.getQueuedSubmissionCount();
            for (int i = 0; i < 20; i++) {
                long events = 0;
                for (Event event : book.read("", ReadOptions.all())) {
                    events += event.pos() > 0 ? 1 : 0;
                }
                assertThat(events).isEqualTo(2_001);
            }
            assertThat(pool.getQueuedSubmissionCount() - before).isLessThanOrEqualTo(16);
        } finally {
            release.countDown();
        }
    }
}
