package dev.daybook.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.CorruptJournalException;
import dev.daybook.Daybook;
import dev.daybook.DaybookException;
import dev.daybook.Progress;
import dev.daybook.VerifyReport;
import dev.daybook.driver.filesystem.FilesystemDriver;
import dev.daybook.stream.Event;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every bit of a file flips. Never a wrong payload, never silence; what is derived may heal. */
@ExtendWith(WithoutLog.class)
class BitFlipTest {
    private static final int SEGMENT = 8 << 10;

    @Test
    void flippedBitInASealedSegmentIsNoticed() throws Exception {
        DamagedStore store = new DamagedStore(SEGMENT, 80, 200, true);
        journal(store, store.files(".jsonl").get(1), "sealed segment");
    }

    @Test
    void flippedBitInTheCleanlyClosedSegmentIsNoticed() throws Exception {
        DamagedStore store = new DamagedStore(4 * SEGMENT, 22, 200, true);
        journal(store, store.newestSegment(), "cleanly closed segment");
    }

    @Test
    void flippedBitInTheOpenSegmentIsNoticed() throws Exception {
        DamagedStore store = new DamagedStore(4 * SEGMENT, 22, 200, false);
        journal(store, store.newestSegment(), "open segment");
    }

    private static void journal(DamagedStore store, Path file, String what) throws Exception {
        byte[] whole = store.disk.bytes(file);
        int written = whole.length;
        while (whole[written - 1] == ' ') {
            written--;
        }
        int bytes = Math.min(written + 64, whole.length); // and a little of what is prepared
        assertThat(bytes).isBetween(SEGMENT / 2, 2 * SEGMENT);
        AtomicInteger refused = new AtomicInteger();
        AtomicInteger reported = new AtomicInteger();
        AtomicInteger verified = new AtomicInteger();
        List<String> complaints = DamagedStore.forEach(bytes * 8, i -> {
            SimulatedDisk disk = store.disk.copy(i);
            disk.flip(file, i / 8, i % 8);
            String at = " (byte " + i / 8 + " bit " + i % 8 + ")";
            try (Daybook book = store.open(disk)) {
                Map<Long, String> found = DamagedStore.read(book);
                if (!store.acknowledged.entrySet().containsAll(found.entrySet())) {
                    return "a wrong payload" + at;
                }
                if (book.openReport().cut().isPresent()) {
                    reported.incrementAndGet();
                    return null;
                }
                if (found.size() < store.acknowledged.size()) {
                    return "events are missing, in silence" + at;
                }
            } catch (CorruptJournalException e) {
                refused.incrementAndGet();
                return e.file().contains(String.valueOf(file.getFileName())) ? null : "another file is named: " + e;
            } catch (DaybookException e) {
                refused.incrementAndGet();
                return null;
            }
            if (!verify(store.disk, file, i).isEmpty()) {
                verified.incrementAndGet(); // nothing that reading needs: the seal
                return null;
            }
            return "silence" + at;
        });
        assertThat(complaints).isEmpty();
        System.out.println("bit flips: " + what + " bits=" + bytes * 8 + " refused=" + refused + " reported=" + reported
                + " foundByVerify=" + verified + " silent=0");
    }

    private static List<VerifyReport.Problem> verify(SimulatedDisk original, Path file, int bit) {
        SimulatedDisk disk = original.copy(1);
        disk.flip(file, bit / 8, bit % 8);
        return Daybook.verify(new FilesystemDriver(DamagedStore.DIRECTORY, disk), Progress.NONE)
                .problems();
    }

    @ParameterizedTest
    @ValueSource(strings = {".idx", ".base", ".delta", "watermark", "store.json"})
    void flippedBitInASmallFileNeverGivesAWrongAnswer(String suffix) throws Exception {
        DamagedStore store = new DamagedStore(SEGMENT, 80, 200, true);
        List<Path> files = store.files(suffix);
        if (files.isEmpty()) {
            assertThat(suffix).as("a store has such a file").isIn(".base", ".delta"); // one of the two
            assertThat(store.disk.files().stream().map(p -> String.valueOf(p.getParent())))
                    .anyMatch(p -> p.endsWith("heads"));
            return;
        }
        smallFile(store, files.get(0), suffix);
    }

    @Test
    void flippedBitInACheckpointNeverGivesAWrongAnswer() throws Exception {
        DamagedStore store = new DamagedStore(4 * SEGMENT, 22, 200, false);
        for (int i = 1; i < 100 && store.files(".idx").isEmpty(); i++) { // it is killed before there is one
            store = new DamagedStore(4 * SEGMENT, 22, 200, false);
        }
        assertThat(store.files(".jsonl")).hasSize(1);
        smallFile(store, store.files(".idx").get(0), ".idx");
    }

    private static void smallFile(DamagedStore store, Path file, String suffix) throws Exception {
        int bytes = store.disk.bytes(file).length;
        AtomicInteger refused = new AtomicInteger();
        AtomicInteger healed = new AtomicInteger();
        List<String> complaints = DamagedStore.forEach(bytes * 8, i -> {
            SimulatedDisk disk = store.disk.copy(i);
            disk.flip(file, i / 8, i % 8);
            String at = " (byte " + i / 8 + " bit " + i % 8 + ")";
            try (Daybook book = store.open(disk)) {
                if (!DamagedStore.read(book).equals(store.acknowledged)) {
                    return "wrong events" + at;
                }
                for (int s = 0; s < 3; s++) {
                    List<String> expected = new ArrayList<>();
                    int stream = s;
                    int[] n = {0};
                    store.acknowledged.values().forEach(p -> {
                        if (n[0]++ % 3 == stream) {
                            expected.add(p);
                        }
                    });
                    List<String> own = book.stream("s/" + s).read().stream()
                            .map(Event::data)
                            .toList();
                    if (!own.equals(expected)) {
                        return "wrong events in stream s/" + s + at;
                    }
                    if (book.stream("s/" + s).info().orElseThrow().count() != expected.size()) {
                        return "wrong count of stream s/" + s + at;
                    }
                }
                healed.incrementAndGet();
                return null;
            } catch (DaybookException e) {
                refused.incrementAndGet();
                return suffix.equals("store.json") ? null : "a derived file refuses the store: " + e + at;
            }
        });
        assertThat(complaints).isEmpty();
        System.out.println("bit flips: " + file.getFileName() + " bits=" + bytes * 8 + " refused=" + refused
                + " healed=" + healed + " wrong=0");
    }
}
