package dev.daybook.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.CorruptJournalException;
import dev.daybook.Daybook;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The newest segment is cut at every byte of its last 64 KiB. Never a wrong payload, never silence. */
class TruncationTest {
    private static final int LAST = 64 << 10;

    @ParameterizedTest
    @CsvSource({"true, true", "true, false", "false, true", "false, false"})
    void cutSegmentIsNeverPassedOverInSilence(boolean cleanlyClosed, boolean watermarkIsKept) throws Exception {
        DamagedStore store = new DamagedStore(1 << 20, 92, 580, cleanlyClosed);
        Path newest = store.newestSegment();
        byte[] whole = store.disk.bytes(newest);
        int written = whole.length;
        while (whole[written - 1] == ' ') {
            written--;
        }
        assertThat(written).isGreaterThan(LAST);
        int end = written;
        AtomicInteger refused = new AtomicInteger();
        AtomicInteger reported = new AtomicInteger();
        AtomicInteger complete = new AtomicInteger();
        AtomicInteger undecidable = new AtomicInteger();
        SimulatedDisk base = store.disk.copy(1);
        if (!watermarkIsKept) {
            base.files().stream().filter(p -> p.endsWith("watermark")).forEach(base::remove);
        }
        assertThat(DamagedStore.forEach(LAST, i -> {
                    int size = end - i;
                    if (!watermarkIsKept && i > 4_096 && i % 16 != 0 && whole[size - 1] != '\n') {
                        return null; // most of it is the same as with it
                    }
                    SimulatedDisk disk = base.copy(i);
                    disk.cut(newest, size);
                    long synced = DamagedStore.synced(Arrays.copyOf(whole, size));
                    try (Daybook book = store.open(disk)) {
                        Map<Long, String> found = DamagedStore.read(book);
                        if (!store.acknowledged.entrySet().containsAll(found.entrySet())) {
                            return "a wrong payload at size " + size;
                        }
                        if (!found.keySet()
                                .containsAll(
                                        store.acknowledged.headMap(synced, true).keySet())) {
                            return "lines up to " + synced + " must be there at size " + size;
                        }
                        if (found.size() == store.acknowledged.size()) {
                            complete.incrementAndGet();
                        } else if (book.openReport().cut().isPresent()) {
                            reported.incrementAndGet();
                        } else if (!watermarkIsKept && whole[size - 1] == '\n') {
                            // Cut between two lines, and the only other witness is gone: as if nothing had followed.
                            undecidable.incrementAndGet();
                        } else {
                            return "silence at size " + size;
                        }
                        return book.openReport().cleanlyClosed() && found.size() < store.acknowledged.size()
                                ? "said to be cleanly closed at size " + size
                                : null;
                    } catch (CorruptJournalException e) {
                        refused.incrementAndGet();
                        return java.util.Arrays.equals(disk.bytes(newest), Arrays.copyOf(whole, size))
                                ? null
                                : "a refused store was changed at size " + size;
                    }
                }))
                .isEmpty();
        System.out.println("truncation: clean=" + cleanlyClosed + " watermark=" + watermarkIsKept + " cuts=" + LAST
                + " refused=" + refused + " reported=" + reported + " complete=" + complete + " undecidable="
                + undecidable + " silent=0");
    }
}
