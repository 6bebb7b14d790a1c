package dev.daybook.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.Progress;
import dev.daybook.StoreFailedException;
import dev.daybook.driver.filesystem.FilesystemDriver;
import dev.daybook.internal.disk.NioDisk;
import dev.daybook.stream.NewEvent;
import dev.daybook.stream.ReadOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiPredicate;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What works in the background meets a full disk, and goes on when there is room again, without reopening. */
@Timeout(30)
@ExtendWith(WithoutLog.class)
class RoomAgainTest {
    @TempDir
    Path directory;

    private final ManualClock clock = ManualClock.evening();
    private final DaybookOptions small =
            DaybookOptions.defaults().withSegmentBytesMax(64 << 10).withClock(clock);
    private final AtomicInteger refused = new AtomicInteger();
    private volatile BiPredicate<Path, ByteBuffer> full = (path, bytes) -> false;
    private volatile Predicate<Path> descriptorsGone = path -> false;
    private String message = "No space left on device";

    private Daybook open() {
        return Daybook.open(
                new FilesystemDriver(store(), new HookedDisk(new NioDisk()) {
                    @Override
                    protected void write(Path path, DiskFile file, long offset, ByteBuffer bytes) throws IOException {
                        if (full.test(path, bytes)) {
                            refused.incrementAndGet();
                            throw new IOException(message);
                        }
                        super.write(path, file, offset, bytes);
                    }

                    @Override
                    public DiskFile open(Path path, boolean writable) throws IOException {
                        if (descriptorsGone.test(path)) {
                            refused.incrementAndGet();
                            throw new FileSystemException(path.toString(), null, "Too many open files");
                        }
                        return super.open(path, writable);
                    }
                }),
                small);
    }

    private void thereIsRoom() {
        full = (path, bytes) -> false;
        descriptorsGone = path -> false;
    }

    private Path store() {
        return directory.resolve("store");
    }

    private static boolean sealing() {
        return Thread.currentThread().getName().equals("daybook-sealer");
    }

    /** A store whose first segment has no space prepared, which the next append ends, since the day has changed. */
    private void yesterdaysStore() {
        try (Daybook book = open()) {
            book.stream("s").append(NewEvent.json("t", "1"));
        }
        clock.advance(Duration.ofDays(1));
    }

    private List<Path> files(String folder, String suffix) {
        try (var files = Files.list(store().resolve(folder))) {
            return files.filter(file -> file.toString().endsWith(suffix))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private int segments() {
        return files("journal", ".jsonl").size();
    }

    private long sealed() {
        return files("journal", ".jsonl").stream()
                .filter(RoomAgainTest::isSealed)
                .count();
    }

    private static boolean isSealed(Path segment) {
        try {
            String lines = Files.readString(segment).stripTrailing();
            return lines.startsWith("{\"seal\":", lines.lastIndexOf('\n') + 1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void appendUntil(Daybook book, BooleanSupplier enough) {
        while (!enough.getAsBoolean()) {
            book.stream("s").append(NewEvent.json("t", "1"));
        }
    }

    private static void await(BooleanSupplier done) {
        Awaitility.await().atMost(20, TimeUnit.SECONDS).until(done::getAsBoolean);
    }

    private void isWhole(long events) {
        assertThat(Daybook.verify(store(), Progress.NONE).problems()).isEmpty();
        try (Daybook book = Daybook.open(store(), small.withReadOnly(true))) {
            assertThat(book.read("", ReadOptions.all()).stream().count()).isEqualTo(events);
        }
    }

    private void appendUntilASealIsRefused(Daybook book) {
        appendUntil(book, () -> refused.get() > 0);
        assertThat(sealed()).isZero();
    }

    @Test
    void sealThatFoundNoRoomIsWrittenAfterTheNextSegment() {
        yesterdaysStore();
        full = (path, bytes) -> sealing() && path.toString().endsWith(".jsonl");
        long events;
        try (Daybook book = open()) {
            appendUntilASealIsRefused(book);
            thereIsRoom();
            clock.advance(Duration.ofDays(1));
            book.stream("s").append(NewEvent.json("t", "1"));
            await(() -> sealed() == 2);
            events = book.info().events();
        }
        isWhole(events);
    }

    @Test
    void sealIsTriedAgainBeforeTheNextSegmentBegins() {
        yesterdaysStore();
        descriptorsGone = path -> sealing() && path.toString().endsWith(".jsonl");
        try (Daybook book = open()) {
            appendUntilASealIsRefused(book);
            thereIsRoom();
            appendUntil(book, () -> sealed() == 1);
            assertThat(segments()).isEqualTo(2);
        }
    }

    @Test
    void closingWritesASealThatFoundNoRoom() {
        yesterdaysStore();
        full = (path, bytes) -> sealing() && path.toString().endsWith(".jsonl");
        long events;
        try (Daybook book = open()) {
            appendUntilASealIsRefused(book);
            events = book.info().events();
            thereIsRoom();
        }
        assertThat(sealed()).isEqualTo(1);
        isWhole(events);
        try (Daybook book = open()) {
            assertThat(book.openReport().cleanlyClosed()).isTrue();
        }
    }

    @Test
    void sealThatCouldNotBeWrittenIsNotTriedAgain() {
        yesterdaysStore();
        full = (path, bytes) -> sealing()
                && bytes.get(bytes.position()) == '{'
                && path.toString().endsWith(".jsonl");
        message = "Input/output error";
        try (Daybook book = open()) {
            appendUntil(book, () -> refused.get() > 0);
            thereIsRoom();
            clock.advance(Duration.ofDays(1));
            book.stream("s").append(NewEvent.json("t", "1"));
        }
        assertThat(sealed()).isZero();
        try (Daybook book = open()) {
            await(() -> sealed() == 2);
        }
    }

    @Test
    void checkpointsGoOnAfterOneThatFoundNoRoom() {
        full = (path, bytes) -> sealing() && path.toString().endsWith(".idx.tmp");
        try (Daybook book = open()) {
            appendUntil(book, () -> refused.get() > 0);
            assertThat(files("journal", ".idx")).isEmpty();
            thereIsRoom();
            appendUntil(book, () -> !files("journal", ".idx").isEmpty() || segments() > 1);
            assertThat(segments()).as("the first segment is still open").isEqualTo(1);
        }
    }

    @Test
    void headsGoOnAfterATableThatFoundNoRoomAndMissNothing() {
        full = (path, bytes) -> sealing() && path.getParent().endsWith("heads");
        try (Daybook book = open()) {
            book.stream("early").append(NewEvent.json("t", "1"));
            appendUntil(book, () -> refused.get() > 0);
            assertThat(files("heads", ".delta")).isEmpty();
            thereIsRoom();
            int before = segments();
            appendUntil(book, () -> segments() > before);
            await(() -> !files("heads", ".delta").isEmpty());
            try (Daybook reader = Daybook.open(store(), small.withReadOnly(true))) {
                assertThat(reader.stream("early").info().orElseThrow().count()).isEqualTo(1);
            }
        }
    }

    @Test
    void exceededQuotaIsAFullDisk() {
        message = "Disk quota exceeded";
        try (Daybook book = open()) {
            book.stream("s").append(NewEvent.json("t", "1"));
            full = (path, bytes) ->
                    bytes.get(bytes.position()) == ' ' || path.toString().endsWith(".tmp");
            assertThatThrownBy(() -> appendUntil(book, () -> false))
                    .isInstanceOfSatisfying(StoreFailedException.class, e -> {
                        assertThat(e.reason()).isEqualTo(StoreFailedException.Reason.NO_SPACE);
                        assertThat(e.retryable()).isTrue();
                    })
                    .hasMessageContaining("Disk quota exceeded");
            long events = book.info().events();
            thereIsRoom();
            book.stream("s").append(NewEvent.json("t", "2"));
            assertThat(book.info().events()).isEqualTo(events + 1);
        }
        assertThat(Daybook.verify(store(), Progress.NONE).problems()).isEmpty();
    }
}
