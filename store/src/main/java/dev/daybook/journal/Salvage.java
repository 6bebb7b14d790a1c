package dev.daybook.journal;

import dev.daybook.DaybookOptions;
import dev.daybook.Progress;
import dev.daybook.SalvageReport;
import dev.daybook.SalvageReport.Loss;
import dev.daybook.StoreFailedException;
import dev.daybook.StoreNotFoundException;
import dev.daybook.driver.Driver;
import dev.daybook.driver.Segment;
import dev.daybook.driver.SegmentId;
import dev.daybook.driver.Storage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Reads what can be read of a damaged store, and copies it to a new one. The place that skips, and says what. */
public final class Salvage {
    private final Storage from;
    private final Progress progress;
    private final byte[] storeId;
    private final List<Loss> losses = new ArrayList<>();

    private Salvage(Storage from, byte[] storeId, Progress progress) {
        this.from = from;
        this.storeId = storeId;
        this.progress = progress;
    }

    public static SalvageReport of(Driver from, Driver to, Progress progress) {
        try (Storage source = from.openForReading()) {
            requireNew(to);
            Salvage salvage = new Salvage(source, findStoreId(from, source), progress);
            LivingLines living = new LivingLines("", null);
            salvage.read(living::learn, true); // before there is a target: what a newer version wrote refuses all of it
            try (Journal target = Journal.open(to, DaybookOptions.defaults())) {
                salvage.read(line -> living.copy(line, target), false);
                living.finish(target);
                return new SalvageReport(living.events, living.streams(), List.copyOf(salvage.losses));
            }
        } catch (java.nio.file.NoSuchFileException e) {
            throw new StoreNotFoundException(from.location(), e);
        } catch (IOException e) {
            throw new StoreFailedException(
                    "cannot read " + from.location() + ": " + e, StoreFailedException.Reason.READ_FAILED, e);
        }
    }

    static void requireNew(Driver to) throws IOException {
        try (Storage there = to.openForReading()) {
            throw exists(to);
        } catch (java.nio.file.NoSuchFileException e) {
            // as it should be
        }
    }

    static dev.daybook.RefusedException exists(Driver to) {
        return new dev.daybook.RefusedException(
                "", dev.daybook.RefusedException.Reason.EXISTS, to.location() + " holds a store already");
    }

    /** From the description, or, where that is lost, from the header that most segments agree on. */
    private static byte[] findStoreId(Driver driver, Storage source) throws IOException {
        String file = driver.location() + "/store.json";
        if (source.manifest().isPresent()) {
            try {
                return Framing.storeId(file, source.manifest().get());
            } catch (dev.daybook.CorruptJournalException e) {
                // the headers know it too
            }
        }
        Map<String, Integer> votes = new HashMap<>();
        for (SegmentId id : source.segments()) {
            try (Segment segment = source.open(id)) {
                byte[] first = new byte[100];
                int read = segment.read(0, ByteBuffer.wrap(first));
                String text = new String(first, 0, read, StandardCharsets.ISO_8859_1);
                int at = text.indexOf("\"store\":\"");
                if (at >= 0 && text.length() >= at + 41) {
                    votes.merge(text.substring(at + 9, at + 41), 1, Integer::sum);
                }
            }
        }
        return votes.entrySet().stream()
                .filter(vote -> Framing.isStoreId(vote.getKey()))
                .max(Map.Entry.comparingByValue())
                .map(vote -> HexFormat.of().parseHex(vote.getKey()))
                .orElseThrow(
                        () -> new dev.daybook.CorruptJournalException(file, 0, 0, 0, "no store id is left anywhere"));
    }

    private void read(Consumer<Line> to, boolean first) throws IOException {
        List<SegmentId> ids = from.segments();
        long expected = 1;
        long lastPos = 0;
        for (int i = 0; i < ids.size(); i++) {
            SegmentId id = ids.get(i);
            try (Segment segment = from.open(id)) {
                if (first && id.first() > expected) {
                    losses.add(new Loss(
                            segment.toString(), 0, 0, expected, id.first() - 1, "a segment before it is missing"));
                }
                lastPos = segment(segment, Math.max(lastPos, id.first() - 1), to, first);
                expected = lastPos + 1;
            }
            progress.at((first ? 0 : ids.size()) + i + 1L, 2L * ids.size());
        }
    }

    private long segment(Segment segment, long lastPosBefore, Consumer<Line> to, boolean report) throws IOException {
        LineScanner scanner =
                new LineScanner(JournalSegment.source(segment, segment.toString()), 0, Integer.MAX_VALUE, storeId);
        Line line = new Line();
        long lastPos = lastPosBefore;
        int lossAt = -1;
        String lossReason = "";
        LineScanner.Found found = scanner.next();
        while (found != LineScanner.Found.END) {
            boolean good = found == LineScanner.Found.LINE;
            if (good) {
                try {
                    line.parse(scanner.bytes(), scanner.from(), scanner.to());
                    Controls.require(line, segment.toString());
                } catch (Line.MalformedLineException e) {
                    good = false;
                    lossReason = e.reason();
                }
            } else {
                lossReason = scanner.reason();
            }
            if (!good && lossAt < 0) {
                lossAt = scanner.offset();
            }
            if (good) {
                boolean numbered = line.shape == Line.Shape.EVENT || line.shape == Line.Shape.CONTROL;
                if (lossAt >= 0 || numbered && line.pos > lastPos + 1) {
                    lose(
                            report,
                            segment,
                            lossAt < 0 ? scanner.offset() : lossAt,
                            scanner.offset(),
                            lastPos + 1,
                            numbered ? line.pos - 1 : 0,
                            lossReason.isEmpty() ? "lines are missing" : lossReason);
                    lossAt = -1;
                    lossReason = "";
                }
                if (line.shape == Line.Shape.GAP) {
                    lastPos = Framing.gap(scanner.bytes(), scanner.from(), scanner.to())
                            .through();
                }
                if (numbered && line.pos > lastPos) {
                    lastPos = line.pos;
                    to.accept(line);
                }
            }
            if (found == LineScanner.Found.BAD) {
                if (!scanner.skipBad()) {
                    break;
                }
                found = LineScanner.Found.LINE;
            } else {
                found = scanner.next();
            }
        }
        if (lossAt >= 0) {
            lose(report, segment, lossAt, (int) segment.size(), lastPos + 1, 0, lossReason);
        }
        return lastPos;
    }

    private void lose(boolean report, Segment segment, int fromByte, int toByte, long first, long last, String reason) {
        if (report) {
            losses.add(new Loss(segment.toString(), fromByte, Math.max(0, toByte - fromByte), first, last, reason));
        }
    }
}
