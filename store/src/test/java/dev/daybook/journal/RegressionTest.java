package dev.daybook.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.daybook.CorruptJournalException;
import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.InvalidEventException;
import dev.daybook.Progress;
import dev.daybook.StoreFailedException;
import dev.daybook.StoreLockedException;
import dev.daybook.driver.filesystem.FilesystemDriver;
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
import java.nio.ByteBuffer;
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
import java.util.concurrent.locks.LockSupport;
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

    /** The first look at a segment races with space that is prepared in it. */
    @Test
    void lookingWhileSpaceIsPreparedDoesNotHideWhatIsWrittenThere() throws Exception {
        Path store = directory.resolve("store");
        try (Daybook book = Daybook.open(store)) {
            book.stream("a").append(event(0));
            Path crashed = directory.resolve("crashed"); // as a killed process leaves it: with prepared space
            for (String folder : List.of("journal", "heads", "aside")) {
                Files.createDirectories(crashed.resolve(folder));
            }
            Files.copy(store.resolve("store.json"), crashed.resolve("store.json"));
            Path segment = Path.of("journal", "00000000000000000001-0.jsonl");
            Files.copy(store.resolve(segment), crashed.resolve(segment));
        }
        CountDownLatch mapped = new CountDownLatch(1);
        CountDownLatch filled = new CountDownLatch(1);
        HookedDisk disk = new HookedDisk() {
            @Override
            ByteBuffer map(Path path, DiskFile file, long size, boolean writable) throws IOException {
                ByteBuffer window = super.map(path, file, size, writable);
                if (Thread.currentThread().getName().equals("looker")
                        && path.toString().endsWith(".jsonl")) {
                    mapped.countDown();
                    await(filled);
                }
                return window;
            }
        };
        try (Daybook book =
                Daybook.open(new FilesystemDriver(directory.resolve("crashed"), disk), DaybookOptions.defaults())) {
            Stream stream = book.stream("a");
            Thread looker = new Thread(() -> read(stream, 1), "looker");
            looker.start();
            await(mapped);
            int events = 1_000;
            for (int i = 1; i < events; i++) {
                stream.appendAsync(event(i));
            }
            stream.append(event(events)); // far behind the space that was prepared
            filled.countDown();
            looker.join();
            assertThat(read(stream, events)).isEqualTo(events);
        }
    }

    /** The number of the first event from this one on. */
    private static long read(Stream stream, long seq) {
        return stream.read(ReadOptions.all().since(seq - 1).limit(1))
                .iterator()
                .next()
                .seq();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** An interrupt closes the channel that is being mapped; that is not what the reader is told. */
    @Test
    void interruptWhileMappingIsNoFailure() throws Exception {
        AtomicBoolean interrupted = new AtomicBoolean();
        HookedDisk disk = new HookedDisk() {
            @Override
            ByteBuffer map(Path path, DiskFile file, long size, boolean writable) throws IOException {
                if (Thread.currentThread().getName().equals("looker") && interrupted.compareAndSet(false, true)) {
                    Thread.currentThread().interrupt(); // the JDK closes the channel, as if it came from outside
                }
                return super.map(path, file, size, writable);
            }
        };
        try (Daybook book = Daybook.open(
                new FilesystemDriver(directory, disk), DaybookOptions.defaults().withSegmentBytesMax(4 << 10))) {
            Stream stream = book.stream("a");
            for (int i = 0; i < 40; i++) {
                stream.append(event(i));
            }
            CompletableFuture<Long> read = new CompletableFuture<>();
            Thread looker = new Thread(
                    () -> {
                        try {
                            read.complete(read(stream, 1));
                        } catch (RuntimeException e) {
                            read.completeExceptionally(e);
                        }
                    },
                    "looker");
            looker.start();
            assertThat(read.get(10, TimeUnit.SECONDS)).isEqualTo(1);
            assertThat(interrupted).isTrue();
        }
    }

    /** Space that is prepared is synced with the file's lines: where that fails, no later sync of them is believed (I7). */
    @Test
    void failedSyncOfPreparedSpaceIsAFailedSyncOfTheLines() throws Exception {
        CountDownLatch written = new CountDownLatch(1);
        CountDownLatch failed = new CountDownLatch(1);
        AtomicBoolean armed = new AtomicBoolean();
        HookedDisk disk = new HookedDisk() {
            @Override
            void write(Path path, DiskFile file, long offset, ByteBuffer bytes) throws IOException {
                super.write(path, file, offset, bytes);
                if (armed.get() && Thread.currentThread().getName().equals("daybook-commit")) {
                    written.countDown();
                }
            }

            @Override
            void sync(Path path, DiskFile file) throws IOException {
                String thread = Thread.currentThread().getName();
                if (armed.get() && thread.equals("daybook-preparer")) {
                    await(written);
                    failed.countDown();
                    throw new IOException("Input/output error");
                }
                if (armed.get() && thread.equals("daybook-commit")) {
                    await(failed);
                    LockSupport.parkNanos(200_000_000); // the preparer takes notice
                }
                super.sync(path, file); // on systems that tell a failure to one descriptor only
            }
        };
        Daybook book = Daybook.open(new FilesystemDriver(directory, disk), DaybookOptions.defaults());
        try {
            Stream stream = book.stream("a");
            stream.append(NewEvent.json("t", "0"));
            Thread.sleep(200); // what is prepared ahead of it is there
            armed.set(true);
            // Within the prepared space, and near its end: more is prepared beside it.
            NewEvent large = NewEvent.json("t", "\"" + "x".repeat(60_000) + "\"");
            assertThatThrownBy(() -> stream.append(large)).isInstanceOf(StoreFailedException.class);
        } finally {
            book.close();
        }
    }

    /** When the disk is full, the next segment's space is given back: the segment that is being written needs it. */
    @Test
    void spareSegmentKeepsNoRoomOnAFullDisk() throws Exception {
        CountDownLatch full = new CountDownLatch(1);
        HookedDisk disk = new HookedDisk() {
            @Override
            void write(Path path, DiskFile file, long offset, ByteBuffer bytes) throws IOException {
                if (path.endsWith("spare.tmp") && offset >= 2 << 20) {
                    full.countDown();
                    throw new IOException("No space left on device");
                }
                super.write(path, file, offset, bytes);
            }
        };
        Path spare = directory.resolve("journal/spare.tmp");
        try (Daybook book = Daybook.open(new FilesystemDriver(directory, disk), DaybookOptions.defaults())) {
            NewEvent large = NewEvent.json("t", "\"" + "x".repeat(500_000) + "\"");
            for (int i = 0; i < 24; i++) {
                book.stream("a").append(large);
            }
            await(full);
            for (int i = 0; i < 100 && Files.exists(spare); i++) {
                Thread.sleep(20);
            }
            assertThat(spare).doesNotExist();
            book.stream("a").append(large);
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

    /** What a reading process could not read the first time, several segments on, it reads the next time. */
    @Test
    void followerGoesOnAfterAFailureInTheMiddleOfSeveralSegments() throws Exception {
        AtomicBoolean armed = new AtomicBoolean();
        HookedDisk disk = new HookedDisk() {
            @Override
            int read(Path path, DiskFile file, long offset, ByteBuffer into) throws IOException {
                if (path.toString().endsWith("-0.jsonl")
                        && !path.endsWith("00000000000000000001-0.jsonl")
                        && armed.compareAndSet(true, false)) {
                    throw new IOException("Too many open files");
                }
                return super.read(path, file, offset, into);
            }
        };
        try (Daybook book = Daybook.open(directory, SMALL)) {
            book.stream("a").append(event(1));
            try (Daybook reader = Daybook.open(new FilesystemDriver(directory, disk), SMALL.withReadOnly(true))) {
                for (int i = 2; i <= 100; i++) {
                    book.stream("a").append(event(i));
                }
                armed.set(true);
                assertThatThrownBy(() -> read(reader.stream("a"), 100)).isInstanceOf(StoreFailedException.class);
                assertThat(reader.read("", ReadOptions.all())).hasSize(100);
            }
        }
    }
}
