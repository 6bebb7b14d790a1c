package dev.daybook.journal;

import dev.daybook.DaybookException;
import dev.daybook.DaybookOptions;
import dev.daybook.Durability;
import dev.daybook.StoreClosedException;
import dev.daybook.StoreFailedException;
import dev.daybook.driver.Segment;
import dev.daybook.driver.SegmentId;
import dev.daybook.driver.SpaceException;
import dev.daybook.driver.Storage;
import dev.daybook.internal.time.Timestamps;
import dev.daybook.journal.HeadTable.Totals;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that writes events.
 *
 * <p>Every caller validates and encodes on its own thread, puts its append into the queue, and waits. This thread takes everything that
 * waits, and what comes while it encodes that: that is the group. There is no timer; while one group is being synced the next one gathers by itself, so a group is as large as
 * the disk is slow.
 *
 * <p>For each group it
 * <ol>
 *   <li>takes the time, which never goes backwards, and rolls to a new segment if the day changed or the group does not fit;
 *   <li>makes sure of the space, so that a full disk shows before a byte is written: that fails the group and nothing else (I7);
 *   <li>decides each append against the heads as they will be after the appends before it ({@link Decision}), gives out positions and
 *       sequence numbers, and encodes the lines. A refused append leaves no trace;
 *   <li>writes once and syncs once ({@link Durability#SYNC}). A failure of either is final: nobody knows what the disk holds, so the
 *       first cause is kept and thrown to every later append (I7);
 *   <li>publishes, in this order: heads, the visible end, the watermark for other processes. Only now can anybody see the group (I3);
 *   <li>hands the outcomes to the notifier and goes on with the next group while callers wake.
 * </ol>
 *
 * <p>Positions, heads' working state, the segment and the buffer belong to this thread alone, so none of it is locked. Readers see
 * immutable snapshots. Callers are never run here, and interrupting them never touches the channel.
 *
 * <p>With {@link Durability#OS} step 4 does not sync; another thread does, at the stated interval, and {@code synced} in the lines follows it.
 */
final class CommitLoop {
    /** A group is cut off here, so that the first of many waiting appends need not wait for the last. */
    private static final long GROUP_BYTES_MAX = 4 << 20;

    /** Nor is a group kept open for what comes meanwhile when it is this large. */
    private static final int GROUP_JOIN_MAX = 4_096;

    /** How long this thread looks for the next append before it parks: waking it would cost about as much. */
    private static final long SPIN_NANOS = 100_000;

    /** At most this many segments may wait for their seal before rolling waits for the sealer. */
    private static final int SEAL_BACKLOG_MAX = 8;

    private final Journal journal;
    private final Storage storage;
    private final Heads heads;
    private final Sealer sealer;
    private final Notifier notifier;
    private final DaybookOptions options;
    private final byte[] storeId;
    private final GroupBuffer buffer;
    final Running running = new Running();
    private final Decision decision;
    final AppendQueue queue;
    private final Thread thread;

    // Owned by the commit thread after start().
    private List<JournalSegment> segments;
    private JournalSegment current;
    private Segment file;
    private SegmentTable table;
    private long day;
    private int tail;
    private long nextPos;
    private long lastMicros;
    private Totals totals;
    private final List<StreamCell> group = new ArrayList<>(); // streams that the group being written changes
    private final List<StreamCell> inSegment = new ArrayList<>(); // streams that changed in the open segment
    private boolean markWanted;
    private boolean prepared; // whether the current segment may have space that was not used

    /** The newest position known to be durable. Written by the commit thread (SYNC) or the background syncer (OS). */
    private volatile long durable;

    private volatile long written; // OS: the newest position that was handed to the operating system

    /** First failure of the write path, or null. Never cleared: after a failed sync nobody knows what is on disk (I7). */
    private volatile @Nullable IOException firstFailure;

    private final AtomicLong groups = new AtomicLong();
    private final @Nullable Thread syncer;
    private volatile boolean closing;
    private final Object syncLock = new Object(); // guards which segment is written, and how far

    /** Held during a sync: the operating system tells a failure once, and whoever hears it must be the one who asked (I7). */
    private final Object syncing = new Object();

    CommitLoop(
            Journal journal, Opening opening, Segment file, Sealer sealer, Notifier notifier, DaybookOptions options) {
        this.journal = journal;
        this.storage = opening.storage;
        this.heads = opening.heads;
        this.sealer = sealer;
        this.notifier = notifier;
        this.options = options;
        this.storeId = opening.storeId;
        this.buffer = new GroupBuffer(storeId);
        heads.running(running::add);
        running.tellChanged(null);
        this.decision = new Decision(journal, heads, running);
        this.queue = new AppendQueue(options.queueCountMax(), options.queueBytesMax());
        this.segments = List.copyOf(opening.segments);
        this.current = segments.get(segments.size() - 1);
        this.file = file;
        this.table = opening.tail.table;
        this.tail = opening.tail.end;
        this.nextPos = opening.tail.last + 1;
        this.lastMicros = opening.lastMicros;
        this.day = table.lines > 0 ? Timestamps.day(table.lastMicros) : Long.MIN_VALUE;
        this.totals = opening.totals;
        this.durable = opening.tail.last;
        this.written = durable;
        this.markWanted = !opening.tail.marked && opening.tail.last > 0;
        for (StreamCell cell : heads.cells()) {
            cell.listedSegment = current.id.first();
            inSegment.add(cell);
        }
        storage.expect(options.segmentBytesMax(), options.durability() == Durability.SYNC);
        this.thread = new Thread(this::run, "daybook-commit");
        thread.setDaemon(true);
        if (options.durability() == Durability.OS) {
            Thread background = new Thread(this::syncInBackground, "daybook-sync");
            background.setDaemon(true);
            this.syncer = background;
        } else {
            this.syncer = null;
        }
        publish();
    }

    void start() {
        thread.start();
        if (syncer != null) {
            syncer.start();
        }
    }

    long groups() {
        return groups.get();
    }

    @Nullable
    IOException firstFailure() {
        return firstFailure;
    }

    boolean isCommitThread() {
        return Thread.currentThread() == thread;
    }

    private void run() {
        List<Append> waiting = new ArrayList<>();
        try {
            while (queue.take(waiting, SPIN_NANOS, 100_000_000L)) {
                if (!waiting.isEmpty()) {
                    commit(waiting);
                    waiting.clear();
                }
                dropStored();
            }
        } catch (Throwable t) { // also an OutOfMemoryError: the thread dies closed and never skips an event
            fail(t instanceof IOException e ? e : new IOException("the commit thread failed: " + t, t));
            List<Append> lost = new ArrayList<>();
            for (Append append : waiting) {
                if (!append.finished) { // also one that was decided already: it was not made durable
                    lost.add(append);
                }
            }
            lost.addAll(queue.close());
            for (Append append : lost) {
                append.results = null;
                append.refusal = failed();
            }
            finish(lost);
        }
    }

    private void commit(List<Append> waiting) {
        int from = 0;
        while (from < waiting.size()) {
            if (firstFailure != null) {
                refuse(waiting.subList(from, waiting.size()), failed());
                return;
            }
            if (waiting.get(from).ops.isEmpty()) { // the end: see close()
                finish(List.of(waiting.get(from++)));
                continue;
            }
            int to;
            try {
                to = makeRoom(waiting, from);
            } catch (SpaceException e) {
                to = groupEnd(waiting, from, Long.MAX_VALUE);
                refuse(
                        waiting.subList(from, to),
                        new StoreFailedException(
                                "no space could be prepared in " + journal.location() + " (" + e.getMessage()
                                        + "); nothing of this append was written, make room and append again",
                                StoreFailedException.Reason.NO_SPACE,
                                e));
                from = to;
                continue;
            } catch (IOException e) {
                fail(e);
                continue;
            }
            beginGroup();
            encode(waiting, from, to);
            if (from == 0) { // only then, so that what is done is let go of, also when there is always more
                to = join(waiting, to);
            }
            List<Append> members = new ArrayList<>(waiting.subList(from, to));
            if (buffer.length() > 0) {
                try {
                    write();
                } catch (IOException e) {
                    fail(e);
                    for (Append append : members) {
                        append.results = null;
                        append.refusal = failed();
                    }
                    finish(members);
                    from = to;
                    continue;
                }
                publishGroup();
            }
            finish(members);
            from = to;
        }
    }

    /** Takes the time, rolls if need be and makes sure of the space. Returns the end of the group. */
    private int makeRoom(List<Append> waiting, int from) throws IOException {
        long micros = Math.max(options.clock().nowMicros(), lastMicros);
        if (table.lines > 0 && Timestamps.day(micros) != day) {
            roll(micros);
        }
        int to = groupEnd(waiting, from, options.segmentBytesMax() - tail);
        if (to == from) {
            if (table.lines > 0) {
                roll(micros);
            }
            to = Math.max(from + 1, groupEnd(waiting, from, options.segmentBytesMax() - tail));
        }
        prepared = true;
        file.prepare(tail + bytesMax(waiting, from, to));
        lastMicros = micros;
        day = Timestamps.day(micros);
        return to;
    }

    private static int groupEnd(List<Append> waiting, int from, long roomBytes) {
        long bytes = 0;
        int i = from;
        while (i < waiting.size() && !waiting.get(i).ops.isEmpty()) {
            bytes += waiting.get(i).bytesMax;
            if (bytes > roomBytes || (bytes > GROUP_BYTES_MAX && i > from)) {
                break;
            }
            i++;
        }
        return i;
    }

    /** Takes into the group what came while it was encoded, as long as something comes and fits. Returns the group's new end. */
    private int join(List<Append> waiting, int until) {
        int to = until;
        while (to == waiting.size() && to < GROUP_JOIN_MAX && queue.poll(waiting)) {
            long room = Math.min(options.segmentBytesMax() - tail, GROUP_BYTES_MAX) - buffer.length();
            int end = groupEnd(waiting, to, room);
            long bound = tail + (long) buffer.length() + bytesMax(waiting, to, end);
            try {
                file.prepare(bound);
            } catch (IOException e) {
                return to; // makeRoom() meets it again, and says so
            }
            encode(waiting, to, end);
            to = end;
        }
        return to;
    }

    private static long bytesMax(List<Append> waiting, int from, int to) {
        long sum = 0;
        for (int i = from; i < to; i++) {
            sum += waiting.get(i).bytesMax;
        }
        return sum;
    }

    private void beginGroup() {
        buffer.begin(lastMicros, durable);
        decision.begin(buffer, table, current.id.first(), tail, lastMicros, group);
    }

    private void encode(List<Append> waiting, int from, int to) {
        for (Append append : waiting.subList(from, to)) {
            try {
                long before = nextPos;
                append.results = decision.decide(append.ops, nextPos, totals);
                nextPos = decision.nextPos();
                totals = decision.totals();
                if (nextPos != before) {
                    markWanted = true;
                }
            } catch (DaybookException e) {
                append.refusal = e;
            }
        }
    }

    private void write() throws IOException {
        ByteBuffer lines = buffer.lines();
        if (PlantedBug.active(PlantedBug.ACK_EARLY)) {
            publishEarly();
        }
        synchronized (syncLock) {
            file.write(tail, lines);
        }
        tail += buffer.length();
        written = nextPos - 1;
        if (options.durability() == Durability.SYNC) {
            sync();
            durable = nextPos - 1;
        }
        groups.incrementAndGet();
    }

    private void sync() throws IOException {
        try {
            file.sync();
        } catch (IOException e) {
            if (PlantedBug.active(PlantedBug.RETRY_SYNC)) {
                file.sync();
                return;
            }
            throw e;
        }
    }

    private void syncAlone() throws IOException {
        synchronized (syncing) {
            IOException before = firstFailure;
            if (before != null) {
                throw before;
            }
            sync();
        }
    }

    private void publishEarly() {
        int length = buffer.length();
        tail += length;
        publishGroup();
        tail -= length;
    }

    private void publishGroup() {
        current.tail = tail; // before any head: a reader that knows of an event must be able to reach it
        boolean anyWaiter = notifier.anyWaiter();
        List<Name> names = new ArrayList<>(anyWaiter ? group.size() : 0);
        long segment = current.id.first();
        for (StreamCell cell : group) {
            cell.published = cell.working;
            cell.inGroup = false;
            if (cell.listedSegment != segment) {
                cell.listedSegment = segment;
                inSegment.add(cell);
            }
            if (anyWaiter) {
                names.add(cell.name);
            }
        }
        publish();
        if (!anyWaiter && notifier.anyWaiter()) {
            anyWaiter = true; // came while this was published
            group.forEach(cell -> names.add(cell.name));
        }
        running.tellChanged(anyWaiter ? names : null);
        if (anyWaiter) {
            notifier.tell(List.of(), names);
        }
        group.clear();
        sealer.maybeCheckpoint(current, tail, durable);
    }

    private void publish() {
        current.tail = tail;
        long visible = nextPos - 1;
        journal.publish(
                new Visible(segments, visible, durable, tail, totals, lastMicros),
                new Watermark.Mark(visible, durable, current.id.first(), tail));
    }

    /** Delivers outcomes: a lone blocking caller at once, the rest through the notifier. */
    private void finish(List<Append> done) {
        long bytes = 0;
        for (Append append : done) {
            bytes += append.bytesMax;
            append.finished = true;
        }
        queue.release(done.size(), bytes);
        if (done.size() <= 2 && done.stream().allMatch(Append::blocking)) {
            done.forEach(Append::deliver);
            return;
        }
        List<Append> others = new ArrayList<>(done.size());
        for (Append append : done) {
            if (append.urgent) {
                append.deliver();
            } else {
                others.add(append);
            }
        }
        notifier.tell(others, List.of());
    }

    private void refuse(List<Append> members, RuntimeException why) {
        for (Append append : members) {
            append.refusal = why;
        }
        finish(new ArrayList<>(members));
    }

    private void fail(IOException cause) {
        if (firstFailure == null) {
            firstFailure = cause;
            journal.failed(cause);
        }
    }

    StoreFailedException failed() {
        IOException cause = firstFailure;
        return new StoreFailedException(
                "writing to " + journal.location() + " failed first with: " + (cause == null ? "?" : cause.getMessage())
                        + ". Nobody knows what the disk holds of that group; reads go on, appends need the store to be"
                        + " closed and opened again",
                StoreFailedException.Reason.WRITE_FAILED,
                cause);
    }

    /** Goes on in a new segment. The old one becomes durable first: nothing in a segment that has a successor is ever in doubt. */
    private void roll(long micros) throws IOException {
        while (sealer.backlog() > SEAL_BACKLOG_MAX) {
            java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
        }
        synchronized (syncLock) {
            if (durable < nextPos - 1) {
                try {
                    syncAlone();
                } catch (IOException e) {
                    throw new IOException(e.getMessage(), e); // final, also when it is about space
                }
                durable = nextPos - 1;
            }
            begin(new SegmentId(nextPos, 0), current.number + 1, micros);
        }
    }

    private void begin(SegmentId id, long number, long micros) throws IOException {
        byte[] header = Framing.header(
                storeId, new Framing.Header(number, id.first(), 0, Timestamps.formatDay(Timestamps.day(micros))));
        Segment next = storage.create(id, ByteBuffer.wrap(header));
        Segment previous = file;
        file = next; // before the old one is handed over: the background sync must not meet it closed
        JournalSegment begun = new JournalSegment(id, number, storage, storeId, next.toString());
        SegmentTable begunTable = new SegmentTable(id.first());
        begun.writing(next);
        begun.index(begunTable);
        begun.tail = header.length;
        List<JournalSegment> all = new ArrayList<>(segments);
        current.last = nextPos - 1;
        current.tail = tail;
        List<Head> changed = new ArrayList<>(inSegment.size());
        for (StreamCell cell : inSegment) {
            if (cell.published != null) {
                changed.add(cell.published);
            }
        }
        sealer.seal(new Sealer.Task(current, previous, table, changed, totals));
        sealer.begin(id.first());
        markWanted = true; // the last one stands in a segment that is not the newest any more
        inSegment.clear();
        all.add(begun);
        segments = List.copyOf(all);
        current = begun;
        table = begunTable;
        tail = header.length;
        publish();
    }

    private void dropStored() {
        Sealer.Stored stored = sealer.stored.poll();
        if (stored != null) {
            heads.drop(stored.names(), stored.segment());
        }
    }

    /** OS mode: makes durable what was handed to the operating system, at the stated interval. */
    private void syncInBackground() {
        long intervalNanos = options.syncInterval().toNanos();
        while (!closing && firstFailure == null) {
            java.util.concurrent.locks.LockSupport.parkNanos(this, intervalNanos);
            syncWritten();
        }
    }

    private void syncWritten() {
        Segment target;
        long upTo;
        synchronized (syncLock) {
            target = file;
            upTo = written;
        }
        if (upTo <= durable || firstFailure != null) {
            return;
        }
        synchronized (syncing) {
            if (firstFailure != null) {
                return;
            }
            try {
                target.sync();
            } catch (ClosedChannelException e) {
                return; // the segment was rolled away, which made it durable first
            } catch (IOException e) {
                fail(e);
                return;
            }
        }
        synchronized (syncLock) {
            if (durable < upTo) {
                durable = upTo;
            }
        }
        journal.durable(upTo);
    }

    /**
     * Ends: everything that waits is answered, a mark makes the last group certain, what was prepared is cut off.
     *
     * @return whether the journal was closed cleanly
     */
    boolean close(long timeoutNanos) {
        closing = true;
        Append last = new Append(List.of(), Append.Wake.CALLER);
        // Through the queue, so that everything before it is done when it is.
        AppendQueue.Offered offered = queue.offer(last, timeoutNanos);
        boolean drained = offered == AppendQueue.Offered.QUEUED && awaitUninterruptibly(last, timeoutNanos);
        for (Append late : queue.close()) {
            late.refusal = new StoreClosedException("the store was closed before this append was written", null);
            finish(List.of(late));
        }
        joinUninterruptibly(thread, timeoutNanos);
        if (syncer != null) {
            java.util.concurrent.locks.LockSupport.unpark(syncer);
            joinUninterruptibly(syncer, timeoutNanos);
        }
        sealer.close();
        try (Segment newest = file) {
            boolean clean = drained && !thread.isAlive() && firstFailure == null && finishJournal();
            if (clean) {
                storeHeads();
            }
            return clean;
        } catch (IOException e) {
            return false; // of closing the file
        }
    }

    private boolean finishJournal() {
        try {
            if (durable < nextPos - 1) {
                syncAlone();
                durable = nextPos - 1;
            }
            sealer.finish(current, tail, durable);
            if (markWanted && sealer.isWhole()) { // the mark says that nothing is left to be done
                writeMark();
            }
            if (prepared || file.size() > tail) {
                file.end(tail, ByteBuffer.allocate(0));
            }
            return true;
        } catch (IOException e) {
            fail(e);
            return false;
        }
    }

    private void writeMark() throws IOException {
        long micros = Math.max(options.clock().nowMicros(), lastMicros);
        if (table.lines > 0 && Timestamps.day(micros) != day) {
            micros = lastMicros; // a segment keeps to its day
        }
        buffer.begin(micros, durable);
        buffer.control(nextPos, null, Controls.MARK, null, 1, 1);
        try {
            prepared = true;
            file.prepare(tail + buffer.length());
        } catch (SpaceException e) {
            return; // no room for the mark: the next opening has a doubtful group, nothing worse
        }
        int offset = tail;
        file.write(tail, buffer.lines());
        file.sync();
        table.line(nextPos, offset, micros);
        tail += buffer.length();
        lastMicros = micros;
        durable = nextPos++;
        publish();
    }

    private void storeHeads() {
        if (heads.through() >= nextPos - 1 || nextPos == 1) {
            return;
        }
        List<Head> changed = new ArrayList<>(heads.cellCount());
        for (StreamCell cell : heads.cells()) {
            if (cell.published != null) {
                changed.add(cell.published);
            }
        }
        try {
            heads.store(changed, nextPos - 1, totals);
        } catch (IOException e) {
            System.getLogger("dev.daybook").log(System.Logger.Level.WARNING, "heads are not stored: " + e);
        }
    }

    private static boolean awaitUninterruptibly(Append append, long timeoutNanos) {
        boolean interrupted = Thread.interrupted();
        long until = System.nanoTime() + timeoutNanos;
        boolean done = false;
        while (!done && System.nanoTime() < until) {
            done = append.await(until - System.nanoTime(), 0);
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return done;
    }

    private static void joinUninterruptibly(Thread thread, long timeoutNanos) {
        boolean interrupted = false;
        long until = System.nanoTime() + timeoutNanos;
        while (thread.isAlive() && System.nanoTime() < until) {
            try {
                thread.join(100);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
