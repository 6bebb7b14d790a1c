package dev.daybook.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.StoreFailedException;
import dev.daybook.driver.filesystem.FilesystemDriver;
import dev.daybook.internal.disk.NioDisk;
import dev.daybook.stream.NewEvent;
import dev.daybook.stream.ReadOptions;
import dev.daybook.stream.Stream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens beside an operation of the disk, or between two of them, on the real one. */
class DiskTimingTest {
    private static final DaybookOptions SMALL = DaybookOptions.defaults().withSegmentBytesMax(4 << 10);

    @TempDir
    Path directory;

    private static NewEvent event(int i) {
        return NewEvent.json("t", "{\"i\":" + i + ",\"x\":\"" + "x".repeat(200) + "\"}");
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
        HookedDisk disk = new HookedDisk(new NioDisk()) {
            @Override
            protected ByteBuffer map(Path path, DiskFile file, long size, boolean writable) throws IOException {
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

    /** An interrupt closes the channel that is being mapped; that is not what the reader is told. */
    @Test
    void interruptWhileMappingIsNoFailure() throws Exception {
        AtomicBoolean interrupted = new AtomicBoolean();
        HookedDisk disk = new HookedDisk(new NioDisk()) {
            @Override
            protected ByteBuffer map(Path path, DiskFile file, long size, boolean writable) throws IOException {
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
        HookedDisk disk = new HookedDisk(new NioDisk()) {
            @Override
            protected void write(Path path, DiskFile file, long offset, ByteBuffer bytes) throws IOException {
                super.write(path, file, offset, bytes);
                if (armed.get() && Thread.currentThread().getName().equals("daybook-commit")) {
                    written.countDown();
                }
            }

            @Override
            protected void sync(Path path, DiskFile file) throws IOException {
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
        HookedDisk disk = new HookedDisk(new NioDisk()) {
            @Override
            protected void write(Path path, DiskFile file, long offset, ByteBuffer bytes) throws IOException {
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

    /** What a reading process could not read the first time, several segments on, it reads the next time. */
    @Test
    void followerGoesOnAfterAFailureInTheMiddleOfSeveralSegments() throws Exception {
        AtomicBoolean armed = new AtomicBoolean();
        HookedDisk disk = new HookedDisk(new NioDisk()) {
            @Override
            protected int read(Path path, DiskFile file, long offset, ByteBuffer into) throws IOException {
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
