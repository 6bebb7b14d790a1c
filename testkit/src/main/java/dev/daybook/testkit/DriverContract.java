package dev.daybook.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.daybook.StoreLockedException;
import dev.daybook.driver.Driver;
import dev.daybook.driver.Segment;
import dev.daybook.driver.SegmentId;
import dev.daybook.driver.Storage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * What every {@link Driver} promises, as tests. Extend it and say how a driver is made; each promise of {@link Driver}, {@link Storage}
 * and {@link Segment} has a test named after it.
 */
public abstract class DriverContract {

    /** A driver for a place where nothing is yet. Two calls give two places. */
    protected abstract Driver newDriver() throws Exception;

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(ByteBuffer view, int from, int to) {
        byte[] copy = new byte[to - from];
        view.get(from, copy);
        return new String(copy, StandardCharsets.UTF_8);
    }

    private static String text(Segment segment) throws IOException {
        return text(segment.view(), 0, (int) segment.size());
    }

    private static Storage write(Driver driver) throws IOException {
        return driver.openForWriting(Duration.ZERO);
    }

    /** Opens for writing, and states a manifest where there is none: without one there is nothing to open for reading. */
    private static Storage begin(Driver driver) throws IOException {
        Storage storage = write(driver);
        if (storage.manifest().isEmpty()) {
            storage.manifest(new byte[] {'m'});
        }
        return storage;
    }

    private static final SegmentId FIRST = new SegmentId(1, 0);

    @Test
    void nameVersionAndLocationAreStated() throws Exception {
        Driver driver = newDriver();
        assertThat(driver.name()).matches("[a-z][a-z0-9-]*");
        assertThat(driver.version()).isPositive();
        assertThat(driver.location()).isNotBlank();
        assertThat(driver.appendBytesMax()).isGreaterThanOrEqualTo(1 << 20);
    }

    @Test
    void newPlaceIsEmpty() throws Exception {
        try (Storage storage = write(newDriver())) {
            assertThat(storage.writable()).isTrue();
            assertThat(storage.manifest()).isEmpty();
            assertThat(storage.segments()).isEmpty();
            assertThat(storage.derived("heads")).isEmpty();
            assertThat(storage.derived("heads", "x")).isEmpty();
        }
    }

    @Test
    void manifestIsReplacedAsAWholeAndKept() throws Exception {
        Driver driver = newDriver();
        try (Storage storage = write(driver)) {
            storage.manifest("one, which is the longer text".getBytes(StandardCharsets.UTF_8));
            storage.manifest("two".getBytes(StandardCharsets.UTF_8));
            assertThat(storage.manifest().orElseThrow()).asString().isEqualTo("two");
        }
        try (Storage storage = write(driver)) {
            assertThat(storage.manifest().orElseThrow()).asString().isEqualTo("two");
        }
        try (Storage storage = driver.openForReading()) {
            assertThat(storage.manifest().orElseThrow()).asString().isEqualTo("two");
        }
    }

    @Test
    void newSegmentBeginsWithItsHeaderAndIsListed() throws Exception {
        Driver driver = newDriver();
        try (Storage storage = write(driver);
                Segment segment = storage.create(FIRST, bytes("header\n"))) {
            assertThat(segment.id()).isEqualTo(FIRST);
            assertThat(storage.segments()).containsExactly(FIRST);
            assertThat(text(segment)).startsWith("header\n");
            assertThat(text(segment).substring(7)).isBlank();
        }
        try (Storage storage = write(driver);
                Segment segment = storage.open(FIRST)) {
            assertThat(storage.segments()).containsExactly(FIRST);
            assertThat(text(segment)).startsWith("header\n");
        }
    }

    @Test
    void segmentsAreListedByFirstPositionEachWithItsNewestGeneration() throws Exception {
        Driver driver = newDriver();
        try (Storage storage = begin(driver)) {
            storage.create(new SegmentId(100, 0), bytes("c\n")).close();
            storage.create(FIRST, bytes("a\n")).close();
            storage.create(new SegmentId(20, 0), bytes("b\n")).close();
            storage.create(new SegmentId(20, 1), bytes("b1\n")).close();
            storage.create(new SegmentId(20, 10), bytes("b10\n")).close();
            storage.create(new SegmentId(20, 9), bytes("b9\n")).close();
            assertThat(storage.segments()).containsExactly(FIRST, new SegmentId(20, 10), new SegmentId(100, 0));
        }
        try (Storage storage = driver.openForReading()) {
            assertThat(storage.segments()).containsExactly(FIRST, new SegmentId(20, 10), new SegmentId(100, 0));
        }
    }

    @Test
    void preparedSpaceReadsAsSpaces() throws Exception {
        try (Storage storage = write(newDriver());
                Segment segment = storage.create(FIRST, bytes("h\n"))) {
            segment.prepare(10_000);
            assertThat(segment.size()).isGreaterThanOrEqualTo(10_000);
            assertThat(text(segment).substring(2)).matches(" *");
            segment.prepare(100_000);
            assertThat(segment.size()).isGreaterThanOrEqualTo(100_000);
            assertThat(text(segment).substring(2)).matches(" *");
        }
    }

    @Test
    void preparingWhatIsPreparedChangesNothing() throws Exception {
        try (Storage storage = write(newDriver());
                Segment segment = storage.create(FIRST, bytes("h\n"))) {
            segment.prepare(5_000);
            segment.write(2, bytes("line\n"));
            long size = segment.size();
            segment.prepare(3);
            assertThat(segment.size()).isEqualTo(size);
            assertThat(text(segment)).startsWith("h\nline\n ");
        }
    }

    @Test
    void laterWritesShowInAnEarlierView() throws Exception {
        try (Storage storage = write(newDriver());
                Segment segment = storage.create(FIRST, bytes("h\n"))) {
            segment.prepare(5_000);
            ByteBuffer early = segment.view();
            segment.write(2, bytes("one\n"));
            assertThat(text(early, 0, 6)).isEqualTo("h\none\n");
            segment.prepare(200_000);
            segment.write(6, bytes("two\n"));
            assertThat(text(early, 0, 10)).isEqualTo("h\none\ntwo\n");
            assertThat(segment.view().capacity()).isGreaterThanOrEqualTo(200_000);
        }
    }

    /** Also of bytes and segments that are not there, and for a thread that is interrupted: it is only a hint. */
    @Test
    void fetchingAheadChangesNothingAndNeverFails() throws Exception {
        try (Storage storage = write(newDriver());
                Segment segment = storage.create(FIRST, bytes("h\n"))) {
            segment.prepare(100_000);
            String before = text(segment);
            List<Storage.Piece> pieces = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                pieces.add(new Storage.Piece(i < 200 ? FIRST : new SegmentId(i, 0), i * 1_000L, i == 0 ? 90_000 : 700));
            }
            Thread.currentThread().interrupt();
            storage.warm(pieces);
            assertThat(Thread.interrupted()).isTrue();
            storage.warm(List.of());
            assertThat(text(segment)).startsWith(before); // more space may have been prepared meanwhile
            segment.write(2, bytes("line\n"));
            assertThat(text(segment)).startsWith("h\nline\n ");
        }
    }

    @Test
    void viewCannotBeWrittenTo() throws Exception {
        try (Storage storage = write(newDriver());
                Segment segment = storage.create(FIRST, bytes("h\n"))) {
            assertThat(segment.view().isReadOnly()).isTrue();
        }
    }

    @Test
    void viewStaysGoodAfterItsSegmentIsClosedAndRemoved() throws Exception {
        try (Storage storage = write(newDriver())) {
            Segment segment = storage.create(FIRST, bytes("kept\n"));
            ByteBuffer view = segment.view();
            segment.close();
            storage.remove(FIRST);
            assertThat(text(view, 0, 5)).isEqualTo("kept\n");
        }
    }

    @Test
    void syncedBytesAreThereAfterReopening() throws Exception {
        Driver driver = newDriver();
        try (Storage storage = write(driver);
                Segment segment = storage.create(FIRST, bytes("h\n"))) {
            segment.prepare(100);
            segment.write(2, bytes("one\n"));
            segment.write(6, bytes("two\n"));
            segment.sync();
        }
        try (Storage storage = write(driver);
                Segment segment = storage.open(FIRST)) {
            assertThat(text(segment)).startsWith("h\none\ntwo\n");
            assertThat(text(segment).substring(10)).isBlank();
            segment.prepare(20_000);
            segment.write(10, bytes("three\n"));
            segment.sync();
            assertThat(text(segment)).startsWith("h\none\ntwo\nthree\n ");
        }
    }

    @Test
    void endWritesTheLastBytesAndCutsWhatIsBehind() throws Exception {
        Driver driver = newDriver();
        try (Storage storage = begin(driver);
                Segment segment = storage.create(FIRST, bytes("h\n"))) {
            segment.prepare(70_000);
            segment.write(2, bytes("one\n"));
            segment.end(6, bytes("seal\n"));
            assertThat(segment.size()).isEqualTo(11);
        }
        try (Storage storage = driver.openForReading();
                Segment segment = storage.open(FIRST)) {
            assertThat(text(segment)).isEqualTo("h\none\nseal\n");
        }
    }

    @Test
    void endedSegmentCanBePreparedAgain() throws Exception {
        Driver driver = newDriver();
        try (Storage storage = write(driver);
                Segment segment = storage.create(FIRST, bytes("h\n"))) {
            segment.prepare(70_000);
            segment.end(2, bytes(""));
            assertThat(segment.size()).isEqualTo(2);
        }
        try (Storage storage = write(driver);
                Segment segment = storage.open(FIRST)) {
            segment.prepare(50);
            segment.write(2, bytes("more\n"));
            segment.sync();
            assertThat(text(segment)).startsWith("h\nmore\n ");
        }
    }

    @Test
    void viewOfAReaderShowsWhatIsWrittenAfterEndAndReopening() throws Exception {
        Driver driver = newDriver();
        try (Storage storage = begin(driver);
                Segment segment = storage.create(FIRST, bytes("h\n"))) {
            segment.prepare(50);
            segment.write(2, bytes("one\n"));
            segment.sync();
            try (Storage reading = driver.openForReading();
                    Segment read = reading.open(FIRST)) {
                ByteBuffer view = read.view();
                segment.end(6, bytes("end\n"));
                segment.close();
                storage.close();
                try (Storage again = write(driver);
                        Segment more = again.open(FIRST)) {
                    more.prepare(50);
                    more.write(10, bytes("two\n"));
                    assertThat(text(view, 0, 14)).isEqualTo("h\none\nend\ntwo\n");
                }
            }
        }
    }

    @Test
    void placeWithoutAStoreIsNotMadeByOpeningItForReading() throws Exception {
        Driver driver = newDriver();
        assertThatThrownBy(driver::openForReading).isInstanceOf(java.nio.file.NoSuchFileException.class);
        driver.destroy(Duration.ZERO);
    }

    @Test
    void segmentThatIsNotThereCannotBeOpened() throws Exception {
        try (Storage storage = write(newDriver())) {
            assertThatThrownBy(() -> storage.open(new SegmentId(7, 0))).isInstanceOf(IOException.class);
        }
    }

    @Test
    void removedSegmentIsNotListed() throws Exception {
        Driver driver = newDriver();
        try (Storage storage = write(driver)) {
            storage.create(FIRST, bytes("a\n")).close();
            storage.create(new SegmentId(5, 0), bytes("b\n")).close();
            storage.remove(FIRST);
            assertThat(storage.segments()).containsExactly(new SegmentId(5, 0));
        }
        try (Storage storage = write(driver)) {
            assertThat(storage.segments()).containsExactly(new SegmentId(5, 0));
        }
    }

    @Test
    void bytesSetAsideAreSaidToBeSomewhereAndAreNoSegment() throws Exception {
        try (Storage storage = write(newDriver())) {
            storage.create(FIRST, bytes("a\n")).close();
            assertThat(storage.setAside(FIRST + ".000000000000000007.cut", bytes("torn")))
                    .isNotBlank();
            assertThat(storage.segments()).containsExactly(FIRST);
        }
    }

    @Test
    void derivedDataIsStoredReplacedListedAndDropped() throws Exception {
        Driver driver = newDriver();
        try (Storage storage = begin(driver)) {
            storage.derive("heads", "b", bytes("one"), bytes(" and "), bytes("two"));
            storage.derive("heads", "a", bytes("first"));
            storage.derive("heads", "a", bytes("replaced"));
            storage.derive("index", "c", bytes("elsewhere"));
            assertThat(storage.derived("heads")).containsExactly("a", "b");
            assertThat(storage.derived("index")).containsExactly("c");
            ByteBuffer b = storage.derived("heads", "b").orElseThrow();
            assertThat(StandardCharsets.UTF_8.decode(b.slice()).toString()).isEqualTo("one and two");
        }
        try (Storage storage = driver.openForReading()) {
            ByteBuffer a = storage.derived("heads", "a").orElseThrow();
            assertThat(StandardCharsets.UTF_8.decode(a.slice()).toString()).isEqualTo("replaced");
        }
        try (Storage storage = write(driver)) {
            storage.dropDerived("heads", "a");
            storage.dropDerived("heads", "a");
            assertThat(storage.derived("heads")).containsExactly("b");
            assertThat(storage.derived("heads", "a")).isEmpty();
        }
    }

    @Test
    void readerFindsNoSharedMemoryBeforeAWriterMadeIt() throws Exception {
        Driver driver = newDriver();
        try (Storage writer = write(driver)) {
            writer.manifest(new byte[] {'x'});
            try (Storage reader = driver.openForReading()) {
                assertThat(reader.shared(64)).isEmpty();
            }
        }
    }

    @Test
    void readerSeesWhatTheWriterPutsIntoSharedMemory() throws Exception {
        Driver driver = newDriver();
        try (Storage writer = begin(driver)) {
            ByteBuffer written = writer.shared(64).orElseThrow();
            assertThat(written.capacity()).isGreaterThanOrEqualTo(64);
            try (Storage reader = driver.openForReading()) {
                ByteBuffer seen = reader.shared(64).orElseThrow();
                written.putLong(8, 1234567890123L);
                assertThat(seen.order(written.order()).getLong(8)).isEqualTo(1234567890123L);
                written.putLong(8, -1);
                assertThat(seen.getLong(8)).isEqualTo(-1);
            }
        }
    }

    @Test
    void secondWriterIsRefusedAndToldWhoHasIt() throws Exception {
        Driver driver = newDriver();
        try (Storage first = write(driver)) {
            assertThat(first.writable()).isTrue();
            assertThatThrownBy(() -> write(driver))
                    .isInstanceOfSatisfying(
                            StoreLockedException.class,
                            e -> assertThat(e.owner()).isNotBlank());
            assertThatThrownBy(() -> driver.openForWriting(Duration.ofMillis(60)))
                    .isInstanceOf(StoreLockedException.class);
        }
    }

    @Test
    void closingGivesTheLockBack() throws Exception {
        Driver driver = newDriver();
        for (int i = 0; i < 3; i++) {
            Storage storage = write(driver);
            storage.close();
            storage.close();
        }
    }

    @Test
    void secondWriterWaitsAsLongAsItWasTold() throws Exception {
        Driver driver = newDriver();
        Storage first = write(driver);
        CountDownLatch waiting = new CountDownLatch(1);
        CompletableFuture<Boolean> second = CompletableFuture.supplyAsync(() -> {
            waiting.countDown();
            try (Storage storage = driver.openForWriting(Duration.ofSeconds(20))) {
                return storage.writable();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        waiting.await();
        Thread.sleep(50);
        assertThat(second.isDone()).isFalse();
        first.close();
        assertThat(second.get(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void readerWorksBesideAWriterAndIsNotOne() throws Exception {
        Driver driver = newDriver();
        try (Storage writer = begin(driver);
                Segment written = writer.create(FIRST, bytes("h\n"))) {
            written.prepare(9_000);
            written.write(2, bytes("one\n"));
            try (Storage reader = driver.openForReading();
                    Segment read = reader.open(FIRST)) {
                assertThat(reader.writable()).isFalse();
                assertThat(reader.segments()).containsExactly(FIRST);
                ByteBuffer view = read.view();
                assertThat(text(view, 0, 6)).isEqualTo("h\none\n");
                written.write(6, bytes("two\n"));
                assertThat(text(view, 6, 10)).isEqualTo("two\n");
                writer.create(new SegmentId(3, 0), bytes("n\n")).close();
                assertThat(reader.segments()).containsExactly(FIRST, new SegmentId(3, 0));
            }
        }
    }

    @Test
    void destroyedPlaceIsNewAgain() throws Exception {
        Driver driver = newDriver();
        try (Storage storage = write(driver)) {
            storage.manifest(new byte[] {'x'});
            storage.create(FIRST, bytes("h\n")).close();
            storage.derive("heads", "a", bytes("a"));
            storage.setAside("b", bytes("b"));
        }
        driver.destroy(Duration.ZERO);
        driver.destroy(Duration.ZERO);
        try (Storage storage = write(driver)) {
            assertThat(storage.manifest()).isEmpty();
            assertThat(storage.segments()).isEmpty();
            assertThat(storage.derived("heads")).isEmpty();
        }
    }

    @Test
    void placeThatIsWrittenCannotBeDestroyed() throws Exception {
        Driver driver = newDriver();
        try (Storage storage = write(driver)) {
            storage.manifest(new byte[] {'x'});
            assertThatThrownBy(() -> driver.destroy(Duration.ZERO)).isInstanceOf(StoreLockedException.class);
            assertThat(storage.manifest()).isPresent();
        }
    }
}
