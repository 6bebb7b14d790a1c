package dev.daybook.journal;

import dev.daybook.AppendTimeoutException;
import dev.daybook.DaybookException;
import dev.daybook.DaybookOptions;
import dev.daybook.InvalidEventException;
import dev.daybook.OpenReport;
import dev.daybook.RefusedException;
import dev.daybook.StoreClosedException;
import dev.daybook.StoreFailedException;
import dev.daybook.StoreInfo;
import dev.daybook.driver.Driver;
import dev.daybook.driver.Segment;
import dev.daybook.driver.Storage;
import dev.daybook.internal.time.Timestamps;
import dev.daybook.journal.HeadTable.Totals;
import dev.daybook.stream.Appended;
import dev.daybook.stream.Event;
import dev.daybook.stream.Kind;
import dev.daybook.stream.StreamInfo;
import java.io.IOException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * An open journal: appends go to its {@link CommitLoop}, reads to {@link StreamCursor} and {@link JournalCursor}. Opened for reading
 * it follows the process that writes. Thread-safe.
 */
public final class Journal implements AutoCloseable {
    private static final int BATCH_EVENTS_MAX = 10_000;
    private static final long BATCH_BYTES_MAX = 64L << 20;
    private static final long SPIN_NANOS = 250_000;
    private static final long CLOSE_NANOS = 60_000_000_000L;

    private final Driver driver;
    private final DaybookOptions options;
    private final @Nullable Redactor redactor;
    private final Storage storage;
    private final byte[] storeId;
    private final Heads heads;
    private final OpenReport report;
    final Notifier notifier = new Notifier();
    private final @Nullable CommitLoop loop; // null: read only
    private volatile @Nullable Follower follower; // null: writing, or staying
    private final @Nullable Watermark watermark;
    private final AtomicInteger blocked = new AtomicInteger(); // callers that wait for their append now

    private int ended; // so many segments, the oldest, have a size that stays; guarded by this
    private long endedBytes; // theirs; guarded by this

    private volatile Visible visible;
    private volatile boolean closed;

    private Journal(Driver driver, DaybookOptions options, Opening opening) throws IOException {
        this.driver = driver;
        this.options = options;
        this.redactor = Redactor.of(options.redaction());
        this.storage = opening.storage;
        this.storeId = opening.storeId;
        this.heads = opening.heads;
        this.visible = new Visible(
                List.copyOf(opening.frame.segments),
                opening.tail.last,
                opening.tail.last,
                opening.tail.end,
                opening.totals,
                opening.lastMicros);
        JournalSegment newest = visible.newest();
        newest.tail = opening.tail.end;
        if (options.readOnly()) {
            this.watermark = storage.shared(Watermark.BYTES)
                    .map(shared -> new Watermark(shared, storeId))
                    .orElse(null);
            this.follower = new Follower(this, storage, storeId, heads, visible, opening.mark);
            this.loop = null;
        } else {
            this.follower = null;
            Segment file = storage.open(newest.id);
            try {
                opening.settle(file);
                newest.writing(file);
                this.watermark = storage.shared(Watermark.BYTES)
                        .map(shared -> new Watermark(shared, storeId))
                        .orElse(null);
                List<Sealer.Task> unsealed = opening.sealTasks();
                Sealer sealer = new Sealer(storeId, heads, opening.frame.newestSeal);
                sealer.checkpoints(options.segmentBytesMax(), opening);
                unsealed.forEach(sealer::seal);
                this.loop = new CommitLoop(this, opening, file, sealer, notifier, options);
            } catch (IOException | RuntimeException e) {
                file.close();
                throw e;
            }
        }
        this.report = new OpenReport(
                opening.created,
                opening.created || opening.cut.isEmpty() && (opening.tail.marked || opening.tail.last == 0),
                opening.tail.marked ? 0 : opening.tail.doubtful,
                opening.cut,
                opening.rebuilt);
        notifier.start();
        if (loop != null) {
            loop.start();
        }
    }

    public static Journal open(Driver driver, DaybookOptions options) {
        boolean interrupted = Thread.interrupted(); // it would close the channels that opening uses
        try {
            return openNow(driver, options);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static Journal openNow(Driver driver, DaybookOptions options) {
        Storage storage;
        try {
            storage = options.readOnly() ? driver.openForReading() : driver.openForWriting(options.lockTimeout());
        } catch (IOException e) {
            throw cannotOpen(driver, e);
        }
        boolean open = false;
        try {
            Journal journal = new Journal(driver, options, Opening.open(driver, storage, options));
            open = true;
            return journal;
        } catch (IOException e) {
            throw cannotOpen(driver, e);
        } finally {
            if (!open) {
                closeQuietly(storage);
            }
        }
    }

    private static DaybookException cannotOpen(Driver driver, IOException e) {
        if (e instanceof java.nio.file.NoSuchFileException) {
            return new dev.daybook.StoreNotFoundException(driver.location(), e);
        }
        return new StoreFailedException(
                "cannot open " + driver.location() + ": " + e,
                e instanceof dev.daybook.driver.SpaceException
                        ? StoreFailedException.Reason.NO_SPACE
                        : StoreFailedException.Reason.READ_FAILED,
                e);
    }

    private static void closeQuietly(Storage storage) {
        try {
            storage.close();
        } catch (IOException e) {
            // the first failure is the one that matters
        }
    }

    public OpenReport report() {
        return report;
    }

    String location() {
        return driver.location();
    }

    public DaybookOptions options() {
        return options;
    }

    public byte[] storeId() {
        return storeId;
    }

    public Storage storage() {
        return storage;
    }

    /** Commit groups written since opening. In SYNC mode each had exactly one sync. */
    public long groups() {
        return loop == null ? 0 : loop.groups();
    }

    // ---- appending

    /** Appends and waits. Durable on return as the store's mode says. */
    public List<Appended> append(List<Op> ops) {
        CommitLoop commit = requireWriter();
        Append append = new Append(ready(ops), Append.Wake.CALLER);
        append.urgent = notifier.isNotifierThread();
        boolean alone = blocked.incrementAndGet() == 1;
        try {
            long timeout = options.appendTimeout().toNanos();
            long began = System.nanoTime();
            offer(commit, append, timeout);
            long left = timeout - (System.nanoTime() - began);
            if (!append.await(left, alone ? SPIN_NANOS : 0)) {
                throw new AppendTimeoutException(
                        Thread.currentThread().isInterrupted()
                                ? "the waiting thread was interrupted"
                                : "no acknowledgement in " + options.appendTimeout(),
                        true);
            }
            return append.outcome();
        } finally {
            blocked.decrementAndGet();
        }
    }

    /** Appends to one stream and waits; of what was stored before, the answer says where. */
    public Appended append(Op op) {
        return Duplicates.locate(this, op, append(List.of(op)).get(0));
    }

    /** Appends when the next group is written, at latest 10 ms from now, or never if it is withdrawn before. Nobody waits for it or hears of it, and when the queue is full it is not done at all. */
    public LazyAppend appendLazily(Op op) {
        CommitLoop commit = requireWriter();
        LazyAppend lazy = new LazyAppend();
        commit.queue.offerLazily(new Append(ready(List.of(op)), lazy));
        return lazy;
    }

    public CompletableFuture<List<Appended>> appendAsync(List<Op> ops) {
        CompletableFuture<List<Appended>> future = new CompletableFuture<>();
        submit(ops, new Append.Many(this, future));
        return future;
    }

    CompletableFuture<Appended> appendAsync(Op op) {
        CompletableFuture<Appended> future = new CompletableFuture<>();
        submit(List.of(op), new Append.Single(this, future));
        return future;
    }

    private void submit(List<Op> ops, Append.Delivery delivery) {
        CommitLoop commit = requireWriter();
        offer(commit, new Append(ready(ops), delivery), options.appendTimeout().toNanos());
    }

    private void offer(CommitLoop commit, Append append, long timeoutNanos) {
        if (commit.firstFailure() != null) {
            throw commit.failed();
        }
        switch (commit.queue.offer(append, timeoutNanos)) {
            case QUEUED -> {}
            case CLOSED -> {
                if (commit.firstFailure() != null) {
                    throw commit.failed();
                }
                throw closedException();
            }
            case NO_ROOM ->
                throw new AppendTimeoutException(
                        Thread.currentThread().isInterrupted()
                                ? "the thread was interrupted while the queue was full"
                                : "the queue of waiting appends was full for " + options.appendTimeout(),
                        false);
        }
    }

    private CommitLoop requireWriter() {
        requireOpen();
        if (loop == null) {
            throw new RefusedException("", RefusedException.Reason.READ_ONLY, "the store was opened for reading only");
        }
        return loop;
    }

    /** As they are to be stored, within the limits. */
    private List<Op> ready(List<Op> asked) {
        List<Op> ops = redactor == null ? asked : redactor.redacted(asked);
        checkLimits(ops);
        return ops;
    }

    private void checkLimits(List<Op> ops) {
        int events = 0;
        long bytes = 0;
        for (Op op : ops) {
            for (Fragment event : op.events()) {
                if (event.rawBytes() > options.payloadBytesMax()) {
                    throw new InvalidEventException(
                            "data",
                            -1,
                            "payload of " + event.rawBytes() + " bytes is larger than " + options.payloadBytesMax());
                }
                events++;
            }
            bytes += op.bytesMax();
        }
        if (events > BATCH_EVENTS_MAX) {
            throw new InvalidEventException("batch", -1, "has " + events + " events, more than " + BATCH_EVENTS_MAX);
        }
        if (bytes > Math.min(BATCH_BYTES_MAX, driver.appendBytesMax())) {
            throw new InvalidEventException("batch", -1, "takes " + bytes + " bytes, more than 64 MiB");
        }
    }

    private StoreClosedException closedException() {
        return new StoreClosedException(location() + " was closed by this program", null);
    }

    /** @throws StoreClosedException when it was closed */
    public void requireOpen() {
        if (closed) {
            throw closedException();
        }
    }

    public boolean isClosed() {
        return closed;
    }

    // ---- what the commit loop and the follower tell

    void publish(Visible now, Watermark.Mark mark) {
        visible = now;
        Watermark shared = watermark;
        if (shared != null) {
            shared.publish(mark);
        }
    }

    void publish(Visible now) {
        visible = now;
    }

    /** The background sync reached this position. */
    void durable(long upTo) {
        Visible now = visible;
        Watermark shared = watermark;
        if (shared != null) {
            shared.publish(new Watermark.Mark(
                    now.pos(), Math.min(upTo, now.pos()), now.newest().id.first(), now.tail()));
        }
    }

    void failed(IOException cause) {
        System.getLogger("dev.daybook")
                .log(
                        System.Logger.Level.ERROR,
                        "writing to " + location() + " failed; appends are refused from now on",
                        cause);
    }

    // ---- looking

    /** What can be seen now. In a read-only store, after looking how far the writer is. */
    Visible visible() {
        Follower f = follower;
        if (f != null) {
            f.refresh(watermark);
        }
        return visible;
    }

    /** As {@link #visible}, and {@link #heads} know all of it, also while another thread brings a read-only store up to date. */
    Visible visibleWithHeads() {
        Visible now = visible();
        Follower f = follower;
        if (f != null) {
            f.settle();
        }
        return now;
    }

    /** A read-only store remains what it is now, whatever its writer does. */
    public void stay() {
        follower = null;
    }

    /** The newest position that can be seen. */
    public long pos() {
        return visible().pos();
    }

    Visible lastVisible() {
        return visible;
    }

    Heads heads() {
        return heads;
    }

    /** Whether any event was ever truncated or deleted: as long as none was, every event line is a living event. */
    boolean removedAnything() {
        return visible.totals().removals() > 0;
    }

    @Nullable
    Head head(Name name) {
        requireOpen();
        Follower f = follower;
        if (f != null) {
            f.refresh(watermark);
        }
        return heads.find(name);
    }

    /** What is known of a stream, or null when it is not there. */
    public @Nullable KnownStream known(Name name) {
        Head head = head(name);
        return head == null ? null : KnownStream.of(head);
    }

    /** What is known of the streams below a prefix, as {@link #list}. */
    public List<KnownStream> known(String prefix, String after, int limit) {
        requireOpen();
        visible();
        return heads.list(prefix, after, limit).stream().map(KnownStream::of).toList();
    }

    /** What may write to a stream, also to one that is deleted; null when there never was one, or it is forgotten. */
    public @Nullable Kind kindEver(Name name) {
        requireOpen();
        Head head = heads.findAlsoDeleted(name);
        return head == null ? null : head.kind;
    }

    /** One event of a stream, or null when that does not have it. */
    public @Nullable Event event(Name name, long seq) {
        Head head = head(name);
        return head == null ? null : new StreamCursor(this, name).only(head, seq);
    }

    /** What runs. In the process that writes it is kept up to date; elsewhere it is what was there when this was called. */
    public Running running() {
        requireOpen();
        CommitLoop commit = loop;
        Follower f = follower;
        if (commit != null) {
            return commit.running;
        }
        Running now = new Running();
        if (f != null) {
            f.refresh(watermark);
            f.running(now);
        }
        return now;
    }

    /**
     * Waits until something is so, and looks again whenever this stream changed.
     *
     * @return false when the time is up
     */
    public boolean awaitStream(Name stream, BooleanSupplier until, long timeoutNanos) throws InterruptedException {
        Notifier.Waiter waiter = new Notifier.Waiter();
        notifier.add(stream, waiter);
        try {
            long end = System.nanoTime() + timeoutNanos;
            while (!until.getAsBoolean()) {
                requireOpen();
                long left = end - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
                await(waiter, left);
                waiter.reset();
            }
            return true;
        } finally {
            notifier.remove(stream, waiter);
        }
    }

    /** The same, looking again whenever a run of this workflow changed its status. */
    public boolean awaitWorkflow(String workflow, BooleanSupplier until, long timeoutNanos)
            throws InterruptedException {
        return awaitStream(Running.news(workflow), until, timeoutNanos);
    }

    /** Has those look again who wait for a workflow: what they wait for may have come about without a change of a run. */
    public void lookAgain(String workflow) {
        notifier.signal(Running.news(workflow));
    }

    /** Waits until something was committed that the waiter is registered for; read-only stores look again after a short while. */
    void await(Notifier.Waiter waiter, long nanos) throws InterruptedException {
        waiter.await(follower == null ? nanos : Math.min(nanos, 2_000_000L));
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
    }

    public Optional<StreamInfo> info(Name name) {
        Head head = head(name);
        return head == null ? Optional.empty() : Optional.of(info(head));
    }

    public List<StreamInfo> list(String prefix, String after, int limit) {
        requireOpen();
        visible();
        return heads.list(prefix, after, limit).stream().map(this::info).toList();
    }

    private StreamInfo info(Head head) {
        Optional<Instant> oldest = Optional.empty();
        Optional<Instant> newest = Optional.empty();
        if (head.count() > 0) {
            Event first = new StreamCursor(this, head.name).only(head, head.firstSeq);
            oldest = Optional.ofNullable(first).map(Event::time);
            newest = Optional.of(Timestamps.instant(head.lastMicros));
        }
        return new StreamInfo(
                head.name.toString(),
                head.kind,
                head.incarnation,
                head.config(),
                head.firstSeq,
                head.lastSeq,
                head.bytesAppended - head.bytesRemoved,
                Timestamps.instant(head.createdMicros),
                oldest,
                newest,
                head.closed,
                head.producers.length);
    }

    public StoreInfo info() {
        requireOpen();
        Visible now = visible();
        Totals totals = now.totals();
        Optional<Instant> oldest = now.pos() == 0
                ? Optional.empty()
                : Optional.ofNullable(new JournalCursor(this, 0, now.pos()).firstTime());
        return new StoreInfo(
                location(),
                HexFormat.of().formatHex(storeId),
                driver.name(),
                driver.version(),
                Framing.FORMAT,
                now.pos(),
                now.durable(),
                totals.streams(),
                totals.events(),
                totals.bytes(),
                now.segments().size(),
                journalBytes(),
                oldest,
                now.pos() == 0 ? Optional.empty() : Optional.of(Timestamps.instant(now.micros())));
    }

    /** Looks at each file once, until it was ended. */
    private synchronized long journalBytes() {
        List<JournalSegment> segments = visible.segments();
        try {
            while (ended < segments.size()) {
                long bytes = segments.get(ended).bytes();
                if (!segments.get(ended).isEnded()) {
                    break;
                }
                endedBytes += bytes;
                ended++;
            }
            long sum = endedBytes;
            for (JournalSegment segment : segments.subList(ended, segments.size())) {
                sum += segment.bytes();
            }
            return sum;
        } catch (IOException e) {
            throw new StoreFailedException(
                    "cannot look at " + location() + ": " + e, StoreFailedException.Reason.READ_FAILED, e);
        }
    }

    /** For the commit thread: the ids of a stream's newest published events. */
    void readIds(StreamCell cell, IdWindow window) {
        Head head = StreamCell.alive(cell.published);
        Head current = StreamCell.alive(cell.working);
        if (head == null || current == null || head.incarnation != current.incarnation) {
            return; // what was published is another stream of this name
        }
        StreamCursor cursor = new StreamCursor(this, cell.name);
        long from = Math.max(head.firstSeq, head.lastSeq - IdWindow.EVENTS + 1);
        cursor.position(head, from);
        for (Event event = cursor.next(head.lastSeq); event != null; event = cursor.next(head.lastSeq)) {
            Optional<String> id = event.id();
            if (id.isPresent()) {
                window.add(id.get(), event.seq());
            }
        }
    }

    /** Ends. What waits is answered; bounded by about two minutes, usually a few milliseconds. Idempotent. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        // On a thread of its own, which nobody interrupts: an interrupt would close the channel under the last sync.
        Thread closer = new Thread(this::closeNow, "daybook-close");
        closer.start();
        boolean interrupted = false;
        while (closer.isAlive()) {
            try {
                closer.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void closeNow() {
        try {
            if (loop != null) {
                loop.close(CLOSE_NANOS);
            }
        } finally {
            try {
                notifier.close();
            } finally {
                closeQuietly(storage);
            }
        }
    }
}
