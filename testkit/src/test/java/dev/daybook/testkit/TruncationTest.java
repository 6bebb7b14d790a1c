package dev.daybook.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.CorruptJournalException;
import dev.daybook.Daybook;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The newest segment is cut at every byte of its last 64 KiB. Never a wrong payload, never silence. */
@ExtendWith(WithoutLog.class)
class TruncationTest {
    private static final int LAST = 64 << 10;

    @Test
    void cutOfACleanlyClosedSegmentIsRefused() throws Exception {
        Counts counts = cut(true, true, i -> true);
        assertThat(counts.refused.get()).isEqualTo(LAST - 1);
    }

    @Test
    void cutOfAnOpenSegmentIsRefusedAsLongAsTheWatermarkKnows() throws Exception {
        Counts counts = cut(false, true, i -> true);
        assertThat(counts.refused.get()).isEqualTo(LAST - 1);
    }

    @Test
    void cutOfAnOpenSegmentAloneIsReported() throws Exception {
        Counts counts = cut(false, false, i -> true);
        assertThat(counts.reported.get()).isGreaterThan(LAST - 200);
    }

    @Test
    void cutOfACleanlyClosedSegmentAloneIsReported() throws Exception {
        // Only its last line differs from an open one.
        Counts counts = cut(true, false, i -> i < 1_024 || i % 61 == 0);
        assertThat(counts.reported.get()).isGreaterThan(LAST / 61);
    }

    private static final class Counts {
        private final AtomicInteger cuts = new AtomicInteger();
        private final AtomicInteger refused = new AtomicInteger();
        private final AtomicInteger reported = new AtomicInteger();
        private final AtomicInteger complete = new AtomicInteger();
        private final AtomicInteger undecidable = new AtomicInteger();
    }

    private static Counts cut(boolean cleanlyClosed, boolean derivedIsKept, IntPredicate where) throws Exception {
        DamagedStore store = new DamagedStore(1 << 20, 93, 580, cleanlyClosed);
        Path newest = store.newestSegment();
        byte[] prepared = store.disk.bytes(newest);
        int end = prepared.length;
        while (prepared[end - 1] == ' ') {
            end--;
        }
        assertThat(end).isGreaterThan(LAST);
        byte[] whole = Arrays.copyOf(prepared, end);
        long[] synced = DamagedStore.synced(whole);
        SimulatedDisk base = store.disk.copy(1);
        if (!derivedIsKept) {
            base.files().stream()
                    .filter(p -> !p.startsWith(newest.getParent()) && !p.endsWith("store.json"))
                    .forEach(base::remove);
        }
        Counts counts = new Counts();
        assertThat(DamagedStore.forEach(LAST, i -> {
                    if (!where.test(i)) {
                        return null;
                    }
                    counts.cuts.incrementAndGet();
                    return check(store, base, newest, whole, whole.length - i, synced, derivedIsKept, counts);
                }))
                .isEmpty();
        System.out.println("truncation: clean=" + cleanlyClosed + " derived=" + derivedIsKept + " cuts=" + counts.cuts
                + " refused=" + counts.refused + " reported=" + counts.reported + " complete=" + counts.complete
                + " undecidable=" + counts.undecidable + " silent=0");
        return counts;
    }

    private static String check(
            DamagedStore store,
            SimulatedDisk base,
            Path newest,
            byte[] whole,
            int size,
            long[] synced,
            boolean derivedIsKept,
            Counts counts) {
        SimulatedDisk disk = base.copy(size);
        disk.cut(newest, size);
        try (Daybook book = store.open(disk)) {
            Map<Long, String> found = DamagedStore.read(book);
            // What is found must be the first of what was acknowledged, as it was.
            int n = 0;
            for (Map.Entry<Long, String> event : store.acknowledged.entrySet()) {
                if (n == found.size()) {
                    break;
                }
                if (!event.getValue().equals(found.get(event.getKey()))) {
                    return "a wrong payload at size " + size;
                }
                n++;
            }
            if (found.size() < store.acknowledged.headMap(synced[size], true).size()) {
                return "lines up to " + synced[size] + " must be there at size " + size;
            }
            if (found.size() == store.acknowledged.size()) {
                counts.complete.incrementAndGet();
            } else if (book.openReport().cut().isPresent()) {
                counts.reported.incrementAndGet();
            } else if (!derivedIsKept && whole[size - 1] == '\n') {
                // Cut between two lines, and every other witness is gone: as if nothing had followed.
                counts.undecidable.incrementAndGet();
            } else {
                return "silence at size " + size;
            }
            return book.openReport().cleanlyClosed() && found.size() < store.acknowledged.size()
                    ? "said to be cleanly closed at size " + size
                    : null;
        } catch (CorruptJournalException e) {
            counts.refused.incrementAndGet();
            return Arrays.equals(disk.bytes(newest), Arrays.copyOf(whole, size))
                    ? null
                    : "a refused store was changed at size " + size;
        }
    }
}
