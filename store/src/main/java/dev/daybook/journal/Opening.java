package dev.daybook.journal;

import dev.daybook.CorruptJournalException;
import dev.daybook.DaybookOptions;
import dev.daybook.OpenReport;
import dev.daybook.RefusedException;
import dev.daybook.driver.Driver;
import dev.daybook.driver.Segment;
import dev.daybook.driver.SegmentId;
import dev.daybook.driver.Storage;
import dev.daybook.internal.time.Timestamps;
import dev.daybook.journal.HeadTable.Totals;
import dev.daybook.journal.Sealer.Task;
import dev.daybook.journal.SegmentTable.StreamRun;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Brings a journal up: checks its frame, decides about its tail (I6), and finds out what is known of every stream, from the derived files as
 * far as they reach and from the lines beyond. For writing it also makes the doubtful lines durable. Running it again after a crash in its middle gives
 * the same result: it cuts nothing before the cut bytes are kept, and writes only bytes that are there already.
 */
final class Opening {
    private static final long CLOCK_TOLERANCE_MICROS = 5 * 60 * 1_000_000L;

    /** Scans that may wait to be folded, or for a core. */
    private static final int SCANS_WAITING = 2;

    /** So many changed heads are gathered before they are stored, which costs two syncs, and a merge with all that are stored. */
    private static final int HEADS_GATHERED = 100_000;

    final Storage storage;
    final byte[] storeId;
    final Heads heads;
    final Frame frame;
    Totals totals = Totals.NONE;
    long lastMicros;
    Tail tail; // readNewest() comes right after construction
    long headsAfter; // position up to which the tables know the newest segment, or before which it begins
    boolean created;
    int rebuilt;
    Optional<OpenReport.Cut> cut = Optional.empty();

    private final String location;
    private @Nullable Checkpoint checkpoint; // from which the newest segment was read on
    final Watermark.@Nullable Mark mark; // as it was before the segments were listed

    @SuppressWarnings("NullAway.Init")
    private Opening(Driver driver, Storage storage, DaybookOptions options) throws IOException {
        this.storage = storage;
        this.location = driver.location();
        String file = location + "/store.json";
        Optional<byte[]> manifest = storage.manifest();
        // The watermark before the segments: what it tells of is there by the time they are listed.
        mark = manifest.isEmpty() ? null : Watermark.read(storage, Framing.storeId(file, manifest.get()));
        List<SegmentId> ids = storage.segments();
        if (manifest.isEmpty()) {
            requireEmpty(ids);
            storeId = new byte[16];
            new SecureRandom().nextBytes(storeId);
            long now = options.clock().nowMicros();
            storage.create(new SegmentId(1, 0), header(1, 1, Timestamps.day(now)))
                    .close();
            storage.manifest(Framing.manifest(storeId, now).getBytes(StandardCharsets.UTF_8));
            created = true;
            ids = storage.segments();
        } else {
            storeId = Framing.storeId(file, manifest.get());
        }
        heads = new Heads(storage, storeId);
        if (ids.isEmpty()) {
            throw new CorruptJournalException(
                    file, 0, 1, 0, "it describes a store, but the journal has no segment: they are missing");
        }
        frame = new Frame(storage, storeId, ids);
    }

    static Opening open(Driver driver, Storage storage, DaybookOptions options) throws IOException {
        for (int attempt = 1; ; attempt++) {
            Opening opening = new Opening(driver, storage, options);
            try {
                opening.readNewest(options);
                return opening;
            } catch (CorruptJournalException e) {
                if (storage.writable()
                        || attempt == Watermark.ATTEMPTS_MAX
                        || !Watermark.movedOn(storage, opening.storeId, opening.mark, opening.frame.segments.size())) {
                    throw e;
                }
            }
        }
    }

    /** Without a description there may be only what an interrupted creation left: a first segment without lines. */
    private void requireEmpty(List<SegmentId> ids) throws IOException {
        for (SegmentId id : ids) {
            boolean empty = id.first() == 1 && ids.size() == 1;
            if (empty) {
                try (Segment segment = storage.open(id)) {
                    byte[] beginning = Frame.read(segment, 0, 64 << 10);
                    int feeds = 0;
                    for (byte b : beginning) {
                        feeds += b == '\n' ? 1 : 0;
                    }
                    empty = feeds <= 1;
                }
            }
            if (!empty) {
                throw new CorruptJournalException(
                        location + "/store.json", 0, 1, 0, "it is missing, although there is a journal");
            }
        }
        if (!storage.writable()) {
            throw new java.nio.file.NoSuchFileException(location + " is not a store: it has no store.json");
        }
        for (SegmentId id : ids) {
            storage.remove(id);
        }
    }

    private ByteBuffer header(long number, long first, long day) {
        return ByteBuffer.wrap(
                Framing.header(storeId, new Framing.Header(number, first, 0, Timestamps.formatDay(day))));
    }

    private void readNewest(DaybookOptions options) throws IOException {
        long through = heads.load(Long.MAX_VALUE);
        readTail(options, through);
        if (through > tail.last && !storage.writable()) {
            through = heads.load(tail.last); // the writer stored them after it published what we read
            readTail(options, through);
        }
        readHeads(through);
    }

    private void readTail(DaybookOptions options, long through) throws IOException {
        JournalSegment newest = frame.newest;
        headsAfter = Math.max(through, newest.id.first() - 1);
        Checkpoint known = Checkpoint.load(newest, headsAfter);
        checkpoint = known;
        Tail.Start start = new Tail.Start(headsAfter, known);
        Tail read = storage.writable()
                ? Tail.read(newest, storeId, start, Integer.MAX_VALUE, Long.MAX_VALUE)
                : Tail.published(newest, storeId, start, mark);
        tail = read;
        if (mark != null && mark.durable() > read.last) {
            throw newest.corrupt(
                    read.end,
                    read.last + 1,
                    mark.durable(),
                    "the watermark says that position " + mark.durable()
                            + " was on stable storage: acknowledged lines are missing");
        }
        if (storage.writable()) {
            long now = options.clock().nowMicros();
            if (read.micros > now + CLOCK_TOLERANCE_MICROS && !options.acceptClock()) {
                throw new RefusedException(
                        "",
                        RefusedException.Reason.CLOCK,
                        "the newest line is of " + Timestamps.format(read.micros)
                                + ", more than five minutes ahead of this"
                                + " computer's clock (" + Timestamps.format(now)
                                + "): set the clock, or open with acceptClock (--accept-clock)");
            }
        }
    }

    /** Makes the good lines above S durable and removes what is behind them. For a writer, before anything is served. */
    void settle(Segment file) throws IOException {
        if (!tail.marked) {
            storage.settle();
            settleNewestSeal();
        }
        for (Frame.Uncut uncut : frame.uncut) {
            byte[] line = Framing.seal(storeId, uncut.seal());
            try (Segment sealed = storage.open(uncut.id())) {
                sealed.end(uncut.end() - line.length, ByteBuffer.wrap(line));
            }
        }
        JournalSegment newest = frame.newest;
        int size = (int) file.size();
        byte[] spaces = " ".repeat(64 << 10).getBytes(StandardCharsets.US_ASCII);
        int garbageEnd = garbageEnd(file, tail.end, size, spaces);
        int garbage = garbageEnd - tail.end;
        if (garbage > 0) {
            String keptIn = storage.setAside(
                    newest.id + "." + String.format(java.util.Locale.ROOT, "%018d", tail.end) + ".cut",
                    ByteBuffer.wrap(Frame.read(file, tail.end, garbage)));
            cut = Optional.of(
                    new OpenReport.Cut(newest.file(), tail.end, garbage, tail.last + 1, tail.cutReason, keptIn));
        }
        if (tail.doubtfulFrom == tail.end && garbage == 0
                || PlantedBug.active(PlantedBug.NO_RESYNC_AT_OPEN) && garbage == 0) {
            return;
        }
        if (!PlantedBug.active(PlantedBug.NO_RESYNC_AT_OPEN)) {
            byte[] doubtful = Frame.read(file, tail.doubtfulFrom, tail.end - tail.doubtfulFrom);
            file.write(tail.doubtfulFrom, ByteBuffer.wrap(doubtful));
        }
        for (int at = tail.end; at < garbageEnd; at += spaces.length) {
            file.write(at, ByteBuffer.wrap(spaces, 0, Math.min(spaces.length, garbageEnd - at)));
        }
        file.sync();
    }

    /**
     * Byte offset to which the newest segment has a checkpoint. If much had to be read behind it there is a new one. For a writer, when the
     * lines are settled and nothing is appended yet.
     */
    int checkpointEnd(long much) {
        Checkpoint known = checkpoint;
        int end = known == null ? 0 : known.end();
        if (tail.end - end >= much && tail.table.lines > 0) {
            JournalSegment newest = frame.newest;
            try {
                Checkpoint.store(newest, tail, known);
                end = tail.end;
            } catch (IOException e) { // the next opening goes through these lines, too
                System.getLogger("dev.daybook")
                        .log(System.Logger.Level.WARNING, "no checkpoint of " + newest + ": " + e);
            }
            checkpoint = null; // its checksum went on
        }
        return end;
    }

    /** Offset behind the last byte in [from, to) that is no space. What is prepared can be much, so it is looked at in pieces. */
    private static int garbageEnd(Segment file, int from, int to, byte[] spaces) throws IOException {
        int end = from;
        byte[] piece = new byte[spaces.length];
        for (int at = from; at < to; at += spaces.length) {
            int length = file.read(at, ByteBuffer.wrap(piece, 0, Math.min(piece.length, to - at)));
            if (length > 0 && !Arrays.equals(piece, 0, length, spaces, 0, length)) {
                while (piece[length - 1] == ' ') {
                    length--;
                }
                end = at + length;
            }
        }
        return end;
    }

    /** The newest seal may be only in the operating system's cache, and the next one must not be durable before it. */
    private void settleNewestSeal() throws IOException {
        Framing.Seal seal = frame.newestSeal;
        if (seal != null) {
            byte[] line = Framing.seal(storeId, seal);
            try (Segment file = storage.open(new SegmentId(seal.first(), generation(seal.first())))) {
                file.end(file.size() - line.length, ByteBuffer.wrap(line));
            }
        }
    }

    private int generation(long first) {
        return segmentOf(first).id.generation();
    }

    /** @param known the position up to which the tables know everything */
    private void readHeads(long known) throws IOException {
        lastMicros = lastTime();
        long through = known;
        if (through > tail.last) {
            throw frame.newest.corrupt(
                    tail.end,
                    tail.last + 1,
                    through,
                    "the heads know of position " + through + ": acknowledged lines are missing");
        }
        totals = heads.totals();
        int next = 0;
        while (next < frame.segments.size() - 1 && frame.segments.get(next).last <= through) {
            next++;
        }
        if (through < frame.segments.get(next).id.first() - 1) {
            throw new IllegalStateException("heads end inside a sealed segment");
        }
        List<JournalSegment> unread = frame.segments.subList(next, frame.segments.size() - 1);
        if (through >= frame.segments.get(next).id.first() && !unread.isEmpty()) {
            // A clean close in the middle of what became a sealed segment; its lines are folded from there.
            JournalSegment half = unread.get(0);
            List<Head> changed = foldAfter(half, through, half.last);
            unread = unread.subList(1, unread.size());
            through = half.last;
            if (storage.writable()) {
                heads.store(changed, through, totals); // the next table stands on this one
            }
        }
        foldSegments(unread);
        JournalSegment newest = frame.newest;
        newest.index(tail.table);
        newest.tail = tail.end;
        fold(tail.table, newest.id.first());
    }

    /** Scans segments, ahead on all cores, and folds them in order. */
    private void foldSegments(List<JournalSegment> unread) throws IOException {
        if (unread.isEmpty()) {
            return;
        }
        rebuilt++;
        // No more than there are cores: the first second goes to the compiler, which needs one, too.
        int threads = Math.min(4, Runtime.getRuntime().availableProcessors());
        ExecutorService executor = Executors.newFixedThreadPool(threads, task -> {
            Thread thread = new Thread(task, "daybook-scan");
            thread.setDaemon(true);
            return thread;
        });
        try {
            Deque<Future<SegmentTable>> scans = new ArrayDeque<>();
            int submitted = 0;
            Map<Name, Head> changed = new HashMap<>();
            for (JournalSegment segment : unread) {
                while (submitted < unread.size() && scans.size() < threads + SCANS_WAITING) {
                    JournalSegment ahead = unread.get(submitted++);
                    scans.add(executor.submit(() -> scan(ahead)));
                }
                SegmentTable table = result(scans.remove());
                for (Head head : fold(table, segment.id.first())) {
                    changed.put(head.name, head);
                }
                boolean all = scans.isEmpty() && submitted == unread.size();
                if (storage.writable() && (all || changed.size() >= HEADS_GATHERED)) {
                    heads.store(changed.values(), segment.last, totals);
                    heads.drop(changed.keySet(), segment.id.first());
                    changed.clear();
                }
            }
        } finally {
            executor.shutdownNow();
        }
    }

    private SegmentTable scan(JournalSegment segment) {
        SegmentTable table = segment.scan();
        if (!frame.unsealed.contains(segment) && segment.stored() == null) {
            segment.index(segment.store(table));
        }
        return table;
    }

    private static SegmentTable result(Future<SegmentTable> scan) throws IOException {
        try {
            return scan.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IOException("a scan failed", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new java.io.InterruptedIOException("interrupted while opening");
        }
    }

    /** Joins a segment's partial heads to what was known. Returns the heads that changed. */
    private List<Head> fold(SegmentTable table, long segment) {
        List<Head> changed = new ArrayList<>(table.runs.size());
        totals = new Totals(totals.streams(), totals.events(), totals.bytes(), totals.removals() + table.removals);
        for (StreamRun newest : table.runs.values()) {
            Head joined = folded(newest) ? join(newest, segment) : null; // else it did not change behind what was known
            if (joined != null) {
                changed.add(joined);
            }
        }
        return changed;
    }

    /** Joins one stream's partial heads to what was known of it. Returns its head, or null when there is none. */
    private @Nullable Head join(StreamRun newest, long segment) {
        StreamCell cell = heads.cell(newest.name);
        Head known = cell.working;
        Head joined = known;
        Deque<StreamRun> oldestFirst = new ArrayDeque<>(2);
        for (StreamRun run = newest; run != null; run = run.previous) {
            oldestFirst.addFirst(run);
        }
        for (StreamRun run : oldestFirst) {
            if (run.folded()) {
                joined = joined == null ? run.head : joined.then(run.head);
            }
        }
        if (joined == null) {
            return null;
        }
        if (joined.incarnation == 0) {
            throw new CorruptJournalException(
                    segmentOf(segment).file(),
                    0,
                    joined.linePos,
                    joined.linePos,
                    "stream " + newest.name + " was never created");
        }
        totals = change(totals, known, joined);
        cell.working = joined;
        cell.published = joined;
        cell.touchedSegment = segment;
        return joined;
    }

    private static boolean folded(StreamRun newest) {
        for (StreamRun run = newest; run != null; run = run.previous) {
            if (run.folded()) {
                return true;
            }
        }
        return false;
    }

    private JournalSegment segmentOf(long first) {
        for (JournalSegment segment : frame.segments) {
            if (segment.id.first() == first) {
                return segment;
            }
        }
        throw new IllegalStateException("no segment " + first);
    }

    static Totals change(Totals totals, @Nullable Head before, @Nullable Head after) {
        Head old = StreamCell.alive(before);
        Head now = StreamCell.alive(after);
        return new Totals(
                totals.streams() + (now == null ? 0 : 1) - (old == null ? 0 : 1),
                totals.events() + (now == null ? 0 : now.count()) - (old == null ? 0 : old.count()),
                totals.bytes()
                        + (now == null ? 0 : now.bytesAppended - now.bytesRemoved)
                        - (old == null ? 0 : old.bytesAppended - old.bytesRemoved),
                totals.removals());
    }

    /** Folds the lines of one segment that are behind a position, up to another. Returns the heads that changed. */
    private List<Head> foldAfter(JournalSegment segment, long after, long through) {
        if (after >= through) {
            return List.of();
        }
        SegmentTable table = new SegmentTable(segment.id.first());
        int from = Math.max(0, segment.index().floor(after + 1));
        segment.reading(source -> {
            LineScanner scanner = new LineScanner(source, from, Integer.MAX_VALUE, storeId);
            Line line = new Line();
            long pos = 0;
            while (pos < through) {
                if (scanner.next() != LineScanner.Found.LINE) {
                    throw segment.corrupt(scanner.offset(), Math.max(pos, after) + 1, through, scanner.reason());
                }
                try {
                    line.parse(scanner.bytes(), scanner.from(), scanner.to());
                } catch (Line.MalformedLineException e) {
                    throw segment.corrupt(scanner.offset(), Math.max(pos, after) + 1, through, e.reason());
                }
                if (line.shape == Line.Shape.GAP) {
                    pos = Framing.gap(scanner.bytes(), scanner.from(), scanner.to())
                            .through();
                } else if (line.shape != Line.Shape.HEADER) {
                    if (line.shape == Line.Shape.SEAL || pos != 0 && line.pos != pos + 1) {
                        throw segment.corrupt(scanner.offset(), pos + 1, through, "lines are missing");
                    }
                    pos = line.pos;
                    if (pos > after) {
                        Controls.require(line, segment.file());
                        table.scanned(line, scanner.offset());
                    }
                }
            }
            return pos;
        });
        table.scanDone();
        return fold(table, segment.id.first());
    }

    /** Makes tasks of the segments that have no seal yet. */
    List<Task> sealTasks() throws IOException {
        List<Task> tasks = new ArrayList<>();
        for (JournalSegment segment : frame.unsealed) {
            SegmentTable table = segment.scan();
            segment.index(table);
            lastMicros = Math.max(lastMicros, table.lastMicros);
            Segment file = storage.open(segment.id);
            segment.writing(file);
            tasks.add(new Task(segment, file, table, List.of(), Totals.NONE));
        }
        return tasks;
    }

    /** Time of the newest line anywhere: of the last segment that has one. */
    private long lastTime() {
        long micros = tail.micros;
        for (int i = frame.segments.size() - 2; i >= 0 && micros == Long.MIN_VALUE; i--) {
            JournalSegment segment = frame.segments.get(i);
            Framing.Seal seal = frame.newestSeal;
            micros = seal != null && seal.last() == segment.last ? seal.lastMicros() : segment.scan().lastMicros;
        }
        return micros;
    }
}
