package dev.daybook.journal;

import dev.daybook.CorruptJournalException;
import dev.daybook.DaybookException;
import dev.daybook.Progress;
import dev.daybook.StoreFailedException;
import dev.daybook.StoreNotFoundException;
import dev.daybook.VerifyReport;
import dev.daybook.VerifyReport.Problem;
import dev.daybook.driver.Driver;
import dev.daybook.driver.Segment;
import dev.daybook.driver.SegmentId;
import dev.daybook.driver.Storage;
import dev.daybook.internal.time.Timestamps;
import dev.daybook.journal.SegmentTable.StreamRun;
import dev.daybook.stream.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The checker: reads everything, believes nothing, changes nothing, and goes on behind what is wrong. */
public final class Verification {
    private static final String DAMAGE = "restore a backup, or run `daybook salvage --to DIR` to copy every good event";
    private static final String HEALS = "nothing to do: it is made again when the store is opened for writing";
    private static final int PROBLEMS_MAX = 1_000;

    private final Storage storage;
    private final Progress progress;
    private final List<Problem> problems = new ArrayList<>();
    private final Map<Name, Head> heads = new HashMap<>();
    private final byte[] storeId;
    private final Heads stored;
    private final long storedThrough;

    /** Where the good lines of the newest segment end; where it is damaged, its end. */
    private int newestEnd = Integer.MAX_VALUE;

    private @Nullable Problem newestProblem;

    private long lines;
    private long events;
    private long bytes;
    private long lastMicros = Long.MIN_VALUE;
    private long totalEvents;
    private long totalBytes;
    private String previousOrigin = Framing.NO_HASH;
    private boolean headsChecked;
    private int sealOffset;
    private String segmentDay = "";

    private Verification(Storage storage, byte[] storeId, Progress progress) throws IOException {
        this.storage = storage;
        this.storeId = storeId;
        this.progress = progress;
        this.stored = new Heads(storage, storeId);
        this.storedThrough = stored.load(Long.MAX_VALUE);
    }

    public static VerifyReport of(Driver driver, Progress progress) {
        String manifestFile = driver.location() + "/store.json";
        try (Storage storage = driver.openForReading()) {
            byte[] storeId;
            try {
                byte[] manifest = storage.manifest()
                        .orElseThrow(() -> new CorruptJournalException(
                                manifestFile, 0, 0, 0, "it is missing, although there is a journal"));
                storeId = Framing.storeId(manifestFile, manifest);
            } catch (CorruptJournalException e) {
                return new VerifyReport(0, 0, 0, 0, 0, List.of(), List.of(problem(e)));
            }
            return new Verification(storage, storeId, progress).run(manifestFile);
        } catch (java.nio.file.NoSuchFileException e) {
            throw new StoreNotFoundException(driver.location(), e);
        } catch (IOException e) {
            throw new StoreFailedException(
                    "cannot read " + driver.location() + ": " + e, StoreFailedException.Reason.READ_FAILED, e);
        }
    }

    private static Problem problem(CorruptJournalException e) {
        return new Problem(e.file(), e.byteOffset(), e.firstPosition(), e.lastPosition(), e.reason(), DAMAGE, false);
    }

    private void add(Problem problem) {
        if (problems.size() < PROBLEMS_MAX) {
            problems.add(problem);
        }
    }

    private void damage(String file, long offset, long first, long last, String what) {
        add(new Problem(file, offset, first, last, what, DAMAGE, false));
    }

    private VerifyReport run(String manifestFile) throws IOException {
        List<SegmentId> ids = look();
        if (ids.isEmpty()) {
            damage(manifestFile, 0, 1, 0, "it describes a store, but the journal has no segment");
        }
        long total = 0;
        for (SegmentId id : ids) {
            try (Segment segment = storage.open(id)) {
                total += segment.size();
            }
        }
        long expected = 1;
        long number = 0;
        for (int i = 0; i < ids.size(); i++) {
            SegmentId id = ids.get(i);
            long next = i + 1 < ids.size() ? ids.get(i + 1).first() : JournalSegment.OPEN;
            try (Segment file = storage.open(id)) {
                if (id.first() != expected) {
                    damage(file.toString(), 0, expected, id.first() - 1, "a segment before it is missing");
                }
                number = segment(file, id, number, next);
            }
            expected = next;
            progress.at(bytes, Math.max(bytes, total));
        }
        return new VerifyReport(
                ids.size(),
                lines,
                events,
                heads.values().stream().filter(h -> !h.deleted).count(),
                bytes,
                List.of(),
                List.copyOf(problems));
    }

    private long segment(Segment file, SegmentId id, long numberBefore, long next) throws IOException {
        String name = file.toString();
        LineScanner.Source source = JournalSegment.source(file, name);
        boolean newest = next == JournalSegment.OPEN;
        JournalSegment segment = new JournalSegment(id, numberBefore + 1, storage, storeId, name);
        if (!newest) {
            segment.last = next - 1;
        }
        int limit = newest ? newestEnd : Integer.MAX_VALUE;
        if (newest && newestProblem != null) {
            add(newestProblem);
        }
        LineScanner scanner = new LineScanner(source, 0, limit, storeId);
        Framing.Header header = header(scanner, name, id);
        if (header != null && header.number() != numberBefore + 1 && numberBefore > 0) {
            damage(
                    name,
                    0,
                    id.first(),
                    id.first(),
                    "it is segment " + header.number() + ", segment " + (numberBefore + 1) + " was expected");
        }
        SegmentTable table = new SegmentTable(id.first());
        Framing.Seal seal = lines(scanner, segment, header, table, newest);
        table.scanDone();
        bytes += scanner.nextOffset();
        if (seal != null) {
            seal(seal, segment, sealOffset, table, source);
        }
        if (!newest && problems.isEmpty()) {
            sidecar(segment, table, seal == null ? -1 : sealOffset);
        }
        return header == null ? numberBefore + 1 : header.number();
    }

    /**
     * Lists the segments, and decides where the newest one ends: what a writer has published by now must be there; what it writes
     * while this reads is not looked at.
     */
    private List<SegmentId> look() throws IOException {
        for (int attempt = 1; ; attempt++) {
            Watermark.Mark mark = Watermark.read(storage, storeId);
            List<SegmentId> ids = storage.segments();
            if (ids.isEmpty()) {
                return ids;
            }
            SegmentId id = ids.get(ids.size() - 1);
            JournalSegment newest;
            try (Segment file = storage.open(id)) {
                newest = new JournalSegment(id, 0, storage, storeId, file.toString());
            }
            try {
                newestEnd = newestEnd(newest, mark);
                return ids;
            } catch (CorruptJournalException e) {
                if (attempt == Watermark.ATTEMPTS_MAX || !Watermark.movedOn(storage, storeId, mark, ids.size())) {
                    newestProblem = problem(e);
                    return ids;
                }
            }
        }
    }

    /** What I6 says of the newest segment: where its good lines end. */
    private int newestEnd(JournalSegment segment, Watermark.@Nullable Mark mark) {
        Tail tail = mark != null
                ? Tail.published(segment, storeId, Tail.Start.of(segment), mark)
                : Tail.read(segment, storeId);
        String lost = "";
        long through = 0;
        if (mark != null && mark.durable() > tail.last) {
            through = mark.durable();
            lost = "acknowledged lines are missing: the watermark says that position " + through
                    + " was on stable storage";
        } else if (mark == null && storedThrough > tail.last) {
            through = storedThrough;
            lost = "acknowledged lines are missing: the heads know of position " + through;
        }
        if (!lost.isEmpty()) {
            newestProblem = new Problem(segment.file(), tail.end, tail.last + 1, through, lost, DAMAGE, false);
        } else if (!tail.cutReason.isEmpty()) {
            newestProblem = new Problem(
                    segment.file(),
                    tail.end,
                    tail.last + 1,
                    0,
                    "an unacknowledged tail: " + tail.cutReason,
                    "nothing to do: the next opening for writing sets it aside",
                    true);
        }
        return tail.end;
    }

    private Framing.@Nullable Header header(LineScanner scanner, String name, SegmentId id) {
        if (scanner.next() != LineScanner.Found.LINE) {
            damage(name, 0, id.first(), id.first(), "the header is damaged: " + scanner.reason());
            return null;
        }
        try {
            return Framing.requireHeader(name, storeId, id, scanner.bytes(), scanner.from(), scanner.to());
        } catch (CorruptJournalException e) {
            add(problem(e));
        } catch (Line.MalformedLineException e) {
            damage(name, 0, id.first(), id.first(), e.reason());
        }
        return null;
    }

    private Framing.@Nullable Seal lines(
            LineScanner scanner,
            JournalSegment segment,
            Framing.@Nullable Header header,
            SegmentTable table,
            boolean newest) {
        Line line = new Line();
        long expected = segment.id.first();
        int batchSeen = 0;
        int batchSize = 0;
        boolean behindBad = false;
        while (true) {
            LineScanner.Found found = behindBad ? LineScanner.Found.LINE : scanner.next();
            behindBad = false;
            if (found == LineScanner.Found.END) {
                if (!newest && expected <= segment.last) {
                    damage(segment.file(), scanner.offset(), expected, segment.last, "lines are missing at the end");
                }
                return null;
            }
            int offset = scanner.offset();
            String wrong;
            if (found == LineScanner.Found.BAD) {
                wrong = scanner.reason();
            } else {
                try {
                    line.parse(scanner.bytes(), scanner.from(), scanner.to());
                    if (line.shape == Line.Shape.SEAL) {
                        if (!newest && expected <= segment.last) {
                            damage(segment.file(), offset, expected, segment.last, "lines are missing before the seal");
                        }
                        Framing.Seal seal = Framing.seal(scanner.bytes(), scanner.from(), scanner.to());
                        sealOffset = offset;
                        int behind = scanner.nextOffset();
                        if (scanner.next() != LineScanner.Found.END
                                && scanner.endsInLine()) { // what is there until it is cut is no line
                            damage(segment.file(), behind, 0, 0, "bytes stand behind the seal");
                        }
                        return seal;
                    }
                    if (line.shape == Line.Shape.GAP) {
                        expected = gap(scanner, segment, expected, offset);
                        continue;
                    }
                    wrong = check(line, segment, header, expected);
                    if (line.pos > expected) {
                        wrong = "positions " + expected + " to " + (line.pos - 1) + " are missing before it";
                    }
                    if (wrong == null
                            && (batchSeen < batchSize
                                    ? line.batchIndex != batchSeen + 1 || line.batchSize != batchSize
                                    : line.batchIndex != 1)) {
                        wrong = "line " + line.batchIndex + " of a batch of " + line.batchSize
                                + " is in the wrong place";
                    }
                    batchSeen = line.batchIndex;
                    batchSize = line.batchSize;
                    fold(line, segment, offset, table);
                    expected = line.pos + 1;
                } catch (Line.MalformedLineException e) {
                    wrong = e.reason();
                }
            }
            if (wrong != null) {
                if (found == LineScanner.Found.BAD && !newest && expected > segment.last && !scanner.endsInLine()) {
                    return null; // a seal that was being written: the next opening writes it again
                }
                if (found == LineScanner.Found.BAD) {
                    boolean more = scanner.skipBad();
                    damage(segment.file(), offset, expected, expected, wrong);
                    if (!more) {
                        return null;
                    }
                    behindBad = true;
                    long position = Line.position(scanner.bytes(), scanner.from());
                    expected =
                            position < 0 ? segment.last == JournalSegment.OPEN ? expected : segment.last + 1 : position;
                    batchSize = 0;
                    batchSeen = 0;
                    table.bytes = Long.MIN_VALUE / 2; // the seal's sums cannot be compared any more
                } else {
                    damage(segment.file(), offset, line.pos, line.pos, wrong);
                }
            }
        }
    }

    private long gap(LineScanner scanner, JournalSegment segment, long expected, int offset) {
        Framing.Gap gap = Framing.gap(scanner.bytes(), scanner.from(), scanner.to());
        if (gap.from() != expected || gap.through() < gap.from() || segment.id.generation() == 0) {
            damage(segment.file(), offset, expected, gap.through(), "a gap stands where none may be");
        }
        return gap.through() + 1;
    }

    private @Nullable String check(Line line, JournalSegment segment, Framing.@Nullable Header header, long expected) {
        if (line.shape == Line.Shape.HEADER) {
            return "a second header";
        }
        if (line.pos < expected) {
            return "position " + line.pos + " stands where " + expected + " was expected";
        }
        if (line.synced >= line.pos) {
            return "it claims that itself was durable before it was written";
        }
        long micros = line.timeMicros();
        if (micros < lastMicros) {
            return "its time is before that of the line before it";
        }
        lastMicros = micros;
        String day = Timestamps.formatDay(Timestamps.day(micros));
        if (header != null && day.compareTo(header.day()) < 0
                || expected > segment.id.first() && !day.equals(segmentDay)) {
            return "its day is not the segment's";
        }
        segmentDay = day;
        try {
            Controls.require(line, segment.file());
        } catch (DaybookException e) {
            return e.getMessage();
        }
        return null;
    }

    private void fold(Line line, JournalSegment segment, int offset, SegmentTable table) {
        lines++;
        table.scanned(line, offset);
        if (line.streamTo != line.streamFrom) {
            Name name = line.name();
            Head head = heads.get(name);
            boolean create = line.control.equals(Controls.CREATE);
            if (head == null) {
                head = new Head(name);
                heads.put(name, head);
            }
            if (create ? head.incarnation != 0 && !head.deleted : head.incarnation == 0 || head.deleted) {
                damage(
                        segment.file(),
                        offset,
                        line.pos,
                        line.pos,
                        "stream " + name + (create ? " is created twice" : " does not exist here"));
            }
            if (line.shape == Line.Shape.EVENT) {
                events++;
                if (line.seq != head.lastSeq + 1) {
                    damage(
                            segment.file(),
                            offset,
                            line.pos,
                            line.pos,
                            "event " + line.seq + " of stream " + name + " stands where " + (head.lastSeq + 1)
                                    + " was expected");
                } else if (head.kind == Kind.RUN) {
                    RunVerification.check(head, line, segment.file(), offset, this::add);
                }
            }
            head.fold(line);
        }
        if (line.pos == storedThrough) {
            heads();
        }
    }

    private void seal(
            Framing.Seal seal, JournalSegment segment, int offset, SegmentTable table, LineScanner.Source source) {
        totalEvents += seal.events();
        totalBytes += seal.bytes();
        String file = segment.file();
        if (!Sealer.sha256(source, offset).equals(seal.sha256())) {
            damage(file, offset, segment.id.first(), seal.last(), "the lines do not have the seal's SHA-256");
        }
        if (segment.id.generation() == 0 && !seal.sha256().equals(seal.origin())) {
            damage(file, offset, segment.id.first(), seal.last(), "the seal's origin hash is another segment's");
        }
        if (!seal.previous().equals(previousOrigin)) {
            damage(file, offset, segment.id.first(), seal.last(), "the seal does not follow the segment before it");
        }
        boolean sums = table.bytes >= 0;
        if (sums
                && (seal.lines() != table.lines
                        || seal.events() != table.events
                        || seal.bytes() != table.bytes
                        || seal.last() != table.last
                        || seal.totalEvents() != totalEvents
                        || seal.totalBytes() != totalBytes)) {
            damage(file, offset, segment.id.first(), seal.last(), "the seal's counts are not those of the lines");
        }
        previousOrigin = seal.origin();
    }

    /** The sidecar must say the same as the lines. */
    private void sidecar(JournalSegment segment, SegmentTable table, int tail) throws IOException {
        if (storage.derived("index", segment.id.toString()).isEmpty() || segment.checkpoint() != null) {
            return; // allowed at any time (I5), and so is one from before it was sealed
        }
        SidecarIndex index = segment.stored();
        boolean right = false;
        if (index != null) {
            right = (tail < 0 || index.tail == tail) && index.lines == table.lines;
            for (StreamRun newest : table.runs.values()) {
                for (StreamRun run = newest; run != null && right; run = run.previous) {
                    right = same(run, index.find(run.name, run.incarnation));
                }
            }
        }
        if (!right) {
            add(new Problem(
                    segment.file() + " (sidecar)",
                    -1,
                    segment.id.first(),
                    segment.last,
                    "the sidecar index does not fit the lines",
                    HEALS,
                    index == null));
        }
    }

    private static boolean same(StreamRun run, SegmentIndex.@Nullable Run other) {
        if (other == null) {
            return run.count() == 0;
        }
        if (other.count() != run.count() || other.firstSeq() != run.firstSeq()) {
            return false;
        }
        for (int i = 0; i < run.count(); i++) {
            if (run.offset(i) != other.offset(i) || run.bytesThrough(i) != other.bytesThrough(i)) {
                return false;
            }
        }
        return true;
    }

    /** The stored heads must be what folding the lines gives. */
    private void heads() {
        if (headsChecked || !problems.isEmpty()) {
            return;
        }
        headsChecked = true;
        for (Head head : heads.values()) {
            Head table = stored.find(head.name);
            Head alive = StreamCell.alive(head);
            if (alive == null ? table != null : table == null || !Arrays.equals(encoded(alive), encoded(table))) {
                add(new Problem(
                        "heads",
                        -1,
                        head.linePos,
                        head.linePos,
                        "the head of stream " + head.name + " does not fit its lines",
                        "close the store, delete the heads folder and open it again",
                        false));
                return;
            }
        }
    }

    private static byte[] encoded(Head head) {
        Head.Bytes out = new Head.Bytes();
        head.write(out);
        return Arrays.copyOf(out.array, out.length);
    }
}
