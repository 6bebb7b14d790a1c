package dev.daybook.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.Durability;
import dev.daybook.Progress;
import dev.daybook.StoreClosedException;
import dev.daybook.driver.filesystem.FilesystemDriver;
import dev.daybook.internal.disk.NioDisk;
import dev.daybook.stream.Appended;
import dev.daybook.stream.Event;
import dev.daybook.stream.NewEvent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A stream that the page cache does not have is fetched ahead, by many threads, and nobody can tell from what is read. */
class FetchAheadTest {
    /** The common pool may have a single thread, which one that waits would keep. */
    private static final Executor OWN_THREADS = task -> new Thread(task).start();

    private static final int EVENTS = 1_500;
    private static final DaybookOptions OPTIONS =
            DaybookOptions.defaults().withSegmentBytesMax(1 << 20).withDurability(Durability.OS);

    @TempDir
    Path directory;

    /** The real disk. Knows what was fetched ahead, and which files are open that were opened for it. */
    private static class FetchingDisk extends HookedDisk {
        final Map<Path, BitSet> fetched = new ConcurrentHashMap<>();
        final AtomicInteger open = new AtomicInteger();

        FetchingDisk() {
            super(new NioDisk());
        }

        static boolean fetching() {
            return Thread.currentThread().getName().equals("daybook-warm");
        }

        /** Comes before every operation that fetches ahead. */
        void beforeFetch() throws IOException {}

        @Override
        public DiskFile open(Path path, boolean writable) throws IOException {
            if (fetching()) {
                beforeFetch();
                open.incrementAndGet();
            }
            return super.open(path, writable);
        }

        @Override
        protected int read(Path path, DiskFile file, long offset, ByteBuffer into) throws IOException {
            if (fetching()) {
                beforeFetch();
                BitSet bytes = fetched.computeIfAbsent(path, p -> new BitSet());
                synchronized (bytes) {
                    bytes.set((int) offset, (int) offset + into.remaining());
                }
            }
            return super.read(path, file, offset, into);
        }

        @Override
        protected void close(Path path, DiskFile file) throws IOException {
            super.close(path, file);
            if (fetching()) {
                open.decrementAndGet();
            }
        }
    }

    private static NewEvent event(int length) {
        return NewEvent.text("t", "x".repeat(length));
    }

    /** Small and large events of a stream, far from each other and near, over several segments. */
    private void write() {
        try (Daybook book = Daybook.open(directory, OPTIONS)) {
            List<CompletableFuture<Appended>> all = new ArrayList<>();
            for (int i = 0; i < EVENTS; i++) {
                int length = i == EVENTS / 2 ? 300_000 : i % 100 == 0 ? 40_000 : 100 + i % 700;
                all.add(book.stream("s").appendAsync(event(length)));
                if (i % 5 == 0) {
                    all.add(book.stream("other").appendAsync(event(20_000)));
                }
            }
            all.forEach(CompletableFuture::join);
        }
    }

    private Daybook open(FetchingDisk disk) {
        return Daybook.open(new FilesystemDriver(directory, disk), OPTIONS);
    }

    private static List<String> lines(Daybook book) {
        return book.stream("s").read().stream().map(Event::line).toList();
    }

    /** What is read where the segments are in memory for certain, so that nothing is fetched. */
    private List<String> warmLines() {
        FetchingDisk disk = new FetchingDisk() {
            @Override
            protected ByteBuffer map(Path path, DiskFile file, long size, boolean writable) throws IOException {
                if (writable || !path.toString().endsWith(".jsonl")) {
                    return super.map(path, file, size, writable);
                }
                ByteBuffer memory = ByteBuffer.allocateDirect((int) size);
                file.read(0, memory);
                return memory.flip();
            }
        };
        try (Daybook book = Daybook.open(new FilesystemDriver(directory, disk), OPTIONS.withReadOnly(true))) {
            List<String> lines = lines(book);
            assertThat(lines).hasSize(EVENTS);
            assertThat(disk.fetched).isEmpty();
            return lines;
        }
    }

    private List<Path> segments() throws IOException {
        try (var files = Files.list(directory.resolve("journal"))) {
            return files.filter(f -> f.toString().endsWith(".jsonl")).sorted().toList();
        }
    }

    /** Takes the segments out of the page cache: files written around it, with the same bytes. */
    private void chill() throws IOException {
        for (Path file : segments()) {
            byte[] bytes = Files.readAllBytes(file);
            int block = (int) Files.getFileStore(file).getBlockSize();
            int size = (bytes.length + block - 1) / block * block;
            ByteBuffer aligned =
                    ByteBuffer.allocateDirect(size + block).alignedSlice(block).limit(size);
            aligned.duplicate().put(bytes);
            Files.delete(file);
            try (FileChannel channel =
                    FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, direct())) {
                channel.write(aligned);
                channel.truncate(bytes.length);
            } catch (IOException | UnsupportedOperationException e) {
                needs(false);
            }
        }
        needs(loaded(segments().get(0), 0, 100_000) == 0);
    }

    /** By its name, since newer compilers warn of the class. */
    private static OpenOption direct() {
        try {
            for (Object option :
                    Class.forName("com.sun.nio.file.ExtendedOpenOption").getEnumConstants()) {
                if (option.toString().equals("DIRECT")) {
                    return (OpenOption) option;
                }
            }
        } catch (ClassNotFoundException e) {
            // another platform than OpenJDK
        }
        throw new UnsupportedOperationException("no direct writing");
    }

    private static void needs(boolean condition) {
        if (!condition) {
            System.out.println("skipped: writing around the page cache is not available here");
        }
        assumeTrue(condition, "writing around the page cache");
    }

    /** How many pages of these bytes the page cache has. */
    private static int loaded(Path file, int from, int to) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            MappedByteBuffer bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
            int pages = 0;
            for (int at = from; at < to; at += 4 << 10) {
                pages += bytes.slice(at, 1).isLoaded() ? 1 : 0;
            }
            return pages;
        }
    }

    @Test
    void coldStreamIsFetchedAheadAndReadsTheSame() throws Exception {
        write();
        List<String> expected = warmLines();
        chill();
        FetchingDisk disk = new FetchingDisk();
        try (Daybook book = open(disk)) {
            assertThat(lines(book)).isEqualTo(expected);
        }
        List<Path> sealed = segments().subList(0, segments().size() - 1); // opening has read the newest
        assertThat(sealed).hasSizeGreaterThan(5);
        long bytes = 0;
        long fetched = 0;
        for (Path file : sealed) {
            BitSet known = Objects.requireNonNull(disk.fetched.get(file), file.toString());
            String text = Files.readString(file, StandardCharsets.ISO_8859_1);
            for (int from = 0, lf = text.indexOf('\n'); lf >= 0; from = lf + 1, lf = text.indexOf('\n', from)) {
                if (text.substring(from, lf).contains("\"stream\":\"s\",\"seq\":")) {
                    assertThat(known.nextClearBit(from))
                            .as("what is fetched of the line at byte %d of %s", from, file)
                            .isGreaterThanOrEqualTo(lf);
                }
            }
            bytes += text.length();
            fetched += known.cardinality();
        }
        assertThat(fetched).as("of %d bytes, most of which are others'", bytes).isLessThan(bytes / 2);
        assertThat(disk.open).hasValue(0);
        assertThat(Daybook.verify(directory, Progress.NONE).problems()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 50})
    void failureWhileFetchingAheadIsNoFailureOfReading(int first) throws Exception {
        write();
        List<String> expected = warmLines();
        chill();
        AtomicInteger operations = new AtomicInteger();
        FetchingDisk disk = new FetchingDisk() {
            @Override
            void beforeFetch() throws IOException {
                if (operations.incrementAndGet() >= first) {
                    throw new IOException("this disk cannot be read ahead");
                }
            }
        };
        try (Daybook book = open(disk)) {
            assertThat(lines(book)).isEqualTo(expected);
        }
        assertThat(operations).hasValueGreaterThanOrEqualTo(first);
        assertThat(disk.open).hasValue(0);
        assertThat(Daybook.verify(directory, Progress.NONE).problems()).isEmpty();
    }

    @Test
    void closingWhileFetchingAheadGoesOnIsClean() throws Exception {
        write();
        List<String> expected = warmLines();
        chill();
        CountDownLatch fetching = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        FetchingDisk disk = new FetchingDisk() {
            @Override
            void beforeFetch() throws IOException {
                fetching.countDown();
                try {
                    assertThat(closed.await(60, TimeUnit.SECONDS)).isTrue();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
            }
        };
        Daybook book = open(disk);
        List<String> read = new CopyOnWriteArrayList<>();
        CompletableFuture<Void> reading = CompletableFuture.runAsync(
                () -> {
                    try {
                        book.stream("s").read().forEach(event -> read.add(event.line()));
                    } catch (StoreClosedException e) {
                        // as it may be
                    }
                },
                OWN_THREADS);
        assertThat(fetching.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(reading).failsWithin(Duration.ofMillis(200)).withThrowableOfType(TimeoutException.class);
        assertThat(read).isEmpty();
        CompletableFuture.runAsync(book::close, OWN_THREADS).get(20, TimeUnit.SECONDS);
        closed.countDown();
        reading.get(20, TimeUnit.SECONDS);
        assertThat(read).isEqualTo(expected.subList(0, read.size()));
        assertThat(disk.open).hasValue(0);
        Awaitility.await()
                .untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                        .extracting(Thread::getName)
                        .doesNotContain("daybook-warm"));
        try (Daybook again = Daybook.open(directory, OPTIONS)) {
            assertThat(again.openReport().cleanlyClosed()).isTrue();
            assertThat(lines(again)).isEqualTo(expected);
        }
        assertThat(Daybook.verify(directory, Progress.NONE).problems()).isEmpty();
    }

    /** A segment of which much is read is looked at as a whole, but not when that would read it from the disk. */
    @Test
    void manyReadsOfAColdSegmentDoNotReadAllOfIt() throws Exception {
        DaybookOptions large = OPTIONS.withSegmentBytesMax(16 << 20);
        try (Daybook book = Daybook.open(directory, large)) {
            List<CompletableFuture<Appended>> all = new ArrayList<>();
            for (int i = 0; i < EVENTS; i++) {
                all.add(book.stream("s").appendAsync(event(10)));
            }
            for (int i = 0; i < 100; i++) {
                all.add(book.stream("other").appendAsync(event(200_000)));
            }
            all.forEach(CompletableFuture::join);
        }
        chill();
        Path segment = segments().get(0);
        try (Daybook book = Daybook.open(directory, large)) {
            assertThat(lines(book)).hasSize(EVENTS);
            assertThat(loaded(segment, 0, 100_000)).isGreaterThan(0);
            assertThat(loaded(segment, 12 << 20, 15 << 20)).isZero(); // far from what the system reads by itself
        }
    }
}
