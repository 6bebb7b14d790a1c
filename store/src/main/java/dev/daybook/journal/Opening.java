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
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Brings a journal up: checks its frame, decides about its tail (I6), and finds out what is known of every stream, from the derived files as
 * far as they reach and from the lines beyond. For writing it also makes the doubtful lines durable. Running it again after a crash in its middle gives
 * the same result: it cuts nothing before the cut bytes are kept, and writes only bytes that are there already.
 */
final class Opening {
    private static final long CLOCK_TOLERANCE_MICROS = 5 * 60 * 1_000_000L;
    private static final int SCANS_AHEAD = 3;

    final Storage storage;
    final byte[] storeId;
    final Heads heads;
    final List<JournalSegment> segments = new ArrayList<>();

    /** Segments that have a successor but no seal, oldest first. */
    final List<JournalSegment> unsealed = new ArrayList<>();

    Framing.@Nullable Seal newestSeal;
    Totals totals = Totals.NONE;
    Tail tail; // readTail() comes right after construction
    boolean created;
    int rebuilt;
    Optional<OpenReport.Cut> cut = Optional.empty();

    private final String location;
    private final Watermark.@Nullable Mark mark;

    @SuppressWarnings("NullAway.Init")
    private Opening(Driver driver, Storage storage, DaybookOptions options) throws IOException {
        this.storage = storage;
        this.location = driver.location();
        String file = location + "/store.json";
        Optional<byte[]> manifest = storage.manifest();
        // The watermark before the segments: what it tells of is there by the time they are listed.
        mark = manifest.isEmpty() ? null : mark(Framing.storeId(file, manifest.get()));
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
        frame(ids);
    }

    static Opening open(Driver driver, Storage storage, DaybookOptions options) throws IOException {
        Opening opening = new Opening(driver, storage, options);
        opening.readTail(options);
        opening.readHeads();
        return opening;
    }

    private Watermark.@Nullable Mark mark(byte[] id) throws IOException {
        Optional<ByteBuffer> shared = storage.shared(Watermark.BYTES);
        return shared.isEmpty() ? null : new Watermark(shared.get(), id).read();
    }

    /** Without a description there may be only what an interrupted creation left: a first segment without lines. */
    private void requireEmpty(List<SegmentId> ids) throws IOException {
        for (SegmentId id : ids) {
            boolean empty = id.first() == 1 && ids.size() == 1;
            if (empty) {
                try (Segment segment = storage.open(id)) {
                    ByteBuffer view = segment.view();
                    int feeds = 0;
                    for (int i = 0; i < view.capacity(); i++) {
                        feeds += view.get(i) == '\n' ? 1 : 0;
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

    /** Checks headers, seals and that no segment is missing. */
    private void frame(List<SegmentId> ids) throws IOException {
        long number = 0;
        for (int i = 0; i < ids.size(); i++) {
            SegmentId id = ids.get(i);
            try (Segment file = storage.open(id)) {
                ByteBuffer view = file.view();
                String name = file.toString();
                byte[] first = new byte[Math.min(view.capacity(), 1_024)];
                view.get(0, first);
                int end = 0;
                while (end < first.length && first[end] != '\n') {
                    end++;
                }
                Framing.Header header;
                try {
                    header = Framing.requireHeader(name, storeId, id, first, 0, end);
                } catch (Line.MalformedLineException e) {
                    throw new CorruptJournalException(name, 0, id.first(), id.first(), e.reason());
                }
                if (i == 0 && id.first() != 1 || i > 0 && header.number() != number + 1) {
                    throw new CorruptJournalException(
                            name,
                            0,
                            i == 0 ? 1 : ids.get(i - 1).first(),
                            id.first() - 1,
                            "a segment before it is missing");
                }
                number = header.number();
                JournalSegment segment = new JournalSegment(id, number, storage, storeId, name);
                segments.add(segment);
                if (i < ids.size() - 1) {
                    segment.last = ids.get(i + 1).first() - 1;
                    seal(segment, view);
                }
            }
        }
    }

    private void seal(JournalSegment segment, ByteBuffer view) {
        Framing.Seal seal = readSeal(view, storeId);
        if (seal == null) {
            unsealed.add(segment);
            return;
        }
        if (!unsealed.isEmpty()) {
            throw segment.corrupt(
                    0, segment.id.first(), segment.last, "it is sealed, but the segment before it is not");
        }
        if (seal.first() != segment.id.first() || seal.last() != segment.last) {
            throw segment.corrupt(
                    view.capacity(),
                    Math.min(seal.last(), segment.last) + 1,
                    Math.max(seal.last(), segment.last),
                    "its seal ends at position " + seal.last() + ", the next segment begins at " + (segment.last + 1));
        }
        Framing.Seal before = newestSeal;
        if (!seal.previous().equals(before == null ? Framing.NO_HASH : before.origin())) {
            throw segment.corrupt(
                    view.capacity(),
                    segment.id.first(),
                    segment.last,
                    "its seal does not follow the segment before it");
        }
        newestSeal = seal;
    }

    /** The seal at the end of a segment, or null when its last line is none. */
    static Framing.@Nullable Seal readSeal(ByteBuffer view, byte[] storeId) {
        int size = view.capacity();
        int length = Math.min(size, 2_048);
        byte[] last = new byte[length];
        view.get(size - length, last);
        if (length < 2 || last[length - 1] != '\n') {
            return null;
        }
        int from = length - 1;
        while (from > 0 && last[from - 1] != '\n') {
            from--;
        }
        try {
            if (last[from] == '{'
                    && last[from + 2] == 's'
                    && last[from + 3] == 'e'
                    && Line.check(new CRC32C(), storeId, last, from, length - 1)) {
                return Framing.seal(last, from, length - 1);
            }
        } catch (RuntimeException e) {
            return null;
        }
        return null;
    }

    private void readTail(DaybookOptions options) throws IOException {
        JournalSegment newest = segments.get(segments.size() - 1);
        int limit = Integer.MAX_VALUE;
        long allowed = Long.MAX_VALUE;
        if (!storage.writable()) {
            // Beside a writer, only what it has published; without its word, only what the lines themselves call
            // durable.
            allowed = mark != null ? mark.visible() : Tail.read(newest, storeId, limit, Long.MAX_VALUE).synced;
            while (segments.size() > 1 && newest.id.first() > allowed + 1) {
                segments.remove(newest); // the writer began it after it published
                unsealed.remove(newest);
                newest = segments.get(segments.size() - 1);
            }
            if (newest.last != JournalSegment.OPEN) {
                readSealedTail(newest, allowed);
                return;
            }
            if (mark != null && mark.segment() == newest.id.first()) {
                limit = (int) mark.tail();
            }
        }
        Tail read = Tail.read(newest, storeId, limit, allowed);
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

    /** A reader that came while the writer began the next segment: the one before is the last it may see. */
    private void readSealedTail(JournalSegment newest, long allowed) {
        newest.last = JournalSegment.OPEN;
        ByteBuffer view = newest.view();
        Framing.Seal seal = readSeal(view, storeId);
        int limit = view.capacity();
        if (seal != null) {
            byte[] bytes = new byte[Math.min(limit, 2_048)];
            view.get(limit - bytes.length, bytes);
            int from = bytes.length - 1;
            while (from > 0 && bytes[from - 1] != '\n') {
                from--;
            }
            limit = limit - bytes.length + from;
        }
        unsealed.remove(newest);
        tail = Tail.read(newest, storeId, limit, allowed);
    }

    /** Makes the good lines above S durable and removes what is behind them. For a writer, before anything is served. */
    void settle(Segment file) throws IOException {
        JournalSegment newest = segments.get(segments.size() - 1);
        ByteBuffer view = file.view();
        int size = (int) file.size();
        int garbageEnd = size;
        while (garbageEnd > tail.end && view.get(garbageEnd - 1) == ' ') {
            garbageEnd--;
        }
        if (garbageEnd > tail.end) {
            ByteBuffer garbage = view.duplicate();
            garbage.position(tail.end).limit(garbageEnd);
            String keptIn = storage.setAside(
                    newest.id + "." + String.format(java.util.Locale.ROOT, "%018d", tail.end) + ".cut", garbage);
            cut = Optional.of(new OpenReport.Cut(
                    newest.file(), tail.end, garbageEnd - tail.end, tail.last + 1, tail.cutReason, keptIn));
        }
        if (tail.doubtfulFrom == tail.end && garbageEnd == tail.end
                || PlantedBug.active(PlantedBug.NO_RESYNC_AT_OPEN) && garbageEnd == tail.end) {
            return;
        }
        if (!PlantedBug.active(PlantedBug.NO_RESYNC_AT_OPEN)) {
            byte[] doubtful = new byte[tail.end - tail.doubtfulFrom];
            view.get(tail.doubtfulFrom, doubtful);
            file.write(tail.doubtfulFrom, ByteBuffer.wrap(doubtful));
        }
        byte[] spaces = " ".repeat(Math.min(size - tail.end, 64 << 10)).getBytes(StandardCharsets.US_ASCII);
        for (int at = tail.end; at < garbageEnd; at += spaces.length) {
            file.write(at, ByteBuffer.wrap(spaces, 0, Math.min(spaces.length, garbageEnd - at)));
        }
        file.sync();
    }

    private void readHeads() throws IOException {
        long last = tail.last;
        long through = heads.load(Long.MAX_VALUE);
        if (through > last) {
            if (!storage.writable()) {
                through = heads.load(last); // the writer stored them after it published what we read
            } else {
                throw segments.get(segments.size() - 1)
                        .corrupt(
                                tail.end,
                                last + 1,
                                through,
                                "the heads know of position " + through + ": acknowledged lines are missing");
            }
        }
        totals = heads.totals();
        int next = 0;
        while (next < segments.size() - 1 && segments.get(next).last <= through) {
            next++;
        }
        if (through < segments.get(next).id.first() - 1) {
            throw new IllegalStateException("heads end inside a sealed segment");
        }
        List<JournalSegment> unread = segments.subList(next, segments.size() - 1);
        if (through >= segments.get(next).id.first() && !unread.isEmpty()) {
            // A clean close in the middle of what became a sealed segment; its lines are folded from there.
            foldAfter(unread.get(0), through, unread.get(0).last, Integer.MAX_VALUE);
            unread = unread.subList(1, unread.size());
            through = segments.get(next).last;
        }
        foldSegments(unread);
        JournalSegment newest = segments.get(segments.size() - 1);
        newest.index(tail.table);
        newest.tail = tail.end;
        if (through >= newest.id.first()) {
            foldAfter(newest, through, last, tail.end);
        } else {
            fold(tail.table, newest.id.first());
        }
    }

    /** Scans segments, ahead on all cores, and folds them in order. */
    private void foldSegments(List<JournalSegment> unread) throws IOException {
        if (unread.isEmpty()) {
            return;
        }
        rebuilt++;
        ExecutorService executor = Executors.newFixedThreadPool(
                Math.max(1, Math.min(4, Runtime.getRuntime().availableProcessors())), task -> {
                    Thread thread = new Thread(task, "daybook-scan");
                    thread.setDaemon(true);
                    return thread;
                });
        try {
            Deque<Future<SegmentTable>> scans = new ArrayDeque<>();
            int submitted = 0;
            for (JournalSegment segment : unread) {
                while (submitted < unread.size() && scans.size() < SCANS_AHEAD) {
                    JournalSegment ahead = unread.get(submitted++);
                    scans.add(executor.submit(() -> scan(ahead)));
                }
                SegmentTable table = result(scans.remove());
                List<Head> changed = fold(table, segment.id.first());
                if (storage.writable()) {
                    heads.store(changed, segment.last, totals);
                    heads.drop(changed.stream().map(h -> h.name).toList(), segment.id.first());
                }
            }
        } finally {
            executor.shutdownNow();
        }
    }

    private SegmentTable scan(JournalSegment segment) {
        SegmentTable table = segment.scan();
        if (!unsealed.contains(segment) && segment.stored() == null) {
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
            StreamCell cell = heads.cell(newest.name);
            Head known = cell.working;
            Head joined = known;
            Deque<StreamRun> oldestFirst = new ArrayDeque<>();
            for (StreamRun run = newest; run != null; run = run.previous) {
                oldestFirst.addFirst(run);
            }
            for (StreamRun run : oldestFirst) {
                if (run.head.linePos != 0 || run.head.lastSeq != 0) {
                    joined = joined == null ? run.head : joined.then(run.head);
                }
            }
            if (joined == null) {
                continue;
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
            changed.add(joined);
        }
        return changed;
    }

    private JournalSegment segmentOf(long first) {
        for (JournalSegment segment : segments) {
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

    /** Folds the lines of one segment that are behind a position. */
    private void foldAfter(JournalSegment segment, long after, long through, int limit) {
        if (after >= through) {
            return;
        }
        SegmentTable table = new SegmentTable(segment.id.first());
        int from = segment.index().floor(after + 1);
        LineScanner scanner = new LineScanner(segment.view(), Math.max(from, 0), limit, storeId);
        Line line = new Line();
        while (scanner.next() == LineScanner.Found.LINE) {
            line.parse(scanner.bytes(), scanner.from(), scanner.to());
            if ((line.shape == Line.Shape.EVENT || line.shape == Line.Shape.CONTROL) && line.pos > after) {
                table.scanned(line, scanner.offset());
            }
        }
        table.scanDone();
        fold(table, segment.id.first());
    }

    /** Makes tasks of the segments that have no seal yet. */
    List<Task> sealTasks() throws IOException {
        List<Task> tasks = new ArrayList<>();
        for (JournalSegment segment : unsealed) {
            SegmentTable table = segment.scan();
            tasks.add(new Task(segment, storage.open(segment.id), table, List.of(), Totals.NONE));
        }
        return tasks;
    }
}
