package dev.daybook.journal;

import dev.daybook.StoreFailedException;
import dev.daybook.driver.Segment;
import dev.daybook.driver.SpaceException;
import dev.daybook.journal.HeadTable.Totals;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Seals segments in their order, off the commit thread: hashes the lines, writes the seal, then the sidecar and the heads. A segment that
 * cannot be sealed is sealed at the next opening; the seal is not needed for reading. Between them it stores checkpoints of the open segment.
 *
 * <p>What finds no room is tried again: a seal with the next work that comes and at the end, heads with the next segment's. A checkpoint is
 * passed over.
 */
final class Sealer {
    /** A segment to seal. */
    record Task(JournalSegment segment, Segment file, SegmentTable table, Collection<Head> heads, Totals totals) {}

    /** Streams that are in the tables now, and need no cell if they did not change after this segment. */
    record Stored(List<Name> names, long segment) {}

    /** Checkpoints come no faster than segments of this many nanoseconds a byte: those are sealed soon. */
    private static final long CHECKPOINT_PACE = 16;

    /** This many checkpoints fit into a segment while it is written. */
    private static final int CHECKPOINTS = 16;

    /** At an opening and at a close, when it delays nobody, lines of this part of a segment are worth one. */
    private static final int CHECKPOINTS_AT_ENDS = 64;

    private final byte[] storeId;
    private final Heads heads;
    private final Deque<Task> waiting = new ArrayDeque<>(); // touched by the thread of the executor only
    private final ThreadPoolExecutor executor;

    /** What the commit thread may drop. */
    final ConcurrentLinkedQueue<Stored> stored = new ConcurrentLinkedQueue<>();

    /** After a failed write or sync nothing more is sealed: a second sync would lie, and seals must last in their order. Same thread. */
    private boolean stopped;

    /** What could not be stored: the next table has it too, or it would stand on a hole. Same thread. */
    private final Map<Name, Head> unstored = new HashMap<>();

    private Checkpoint.@Nullable Maker maker; // of the segment that is open now; same thread

    /** After a defect no more checkpoints are stored. Same thread. */
    private boolean checkpointsStopped;

    // Of the commit thread: when the last checkpoint was asked for or a segment begun, and up to where.
    private long segmentBytes = Long.MAX_VALUE;
    private long checkpointNanos;
    private int checkpointEnd;
    private long headsAfter;

    // The chain's end. Touched by the thread of the executor only, after construction.
    private String previousOrigin;
    private long totalEvents;
    private long totalBytes;

    Sealer(byte[] storeId, Heads heads, Framing.@Nullable Seal newest) {
        this.storeId = storeId;
        this.heads = heads;
        this.previousOrigin = newest == null ? Framing.NO_HASH : newest.origin();
        this.totalEvents = newest == null ? 0 : newest.totalEvents();
        this.totalBytes = newest == null ? 0 : newest.totalBytes();
        this.executor = new ThreadPoolExecutor(1, 1, 2, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
            Thread thread = new Thread(task, "daybook-sealer");
            thread.setDaemon(true);
            return thread;
        });
        executor.allowCoreThreadTimeOut(true);
    }

    /** Whether everything was sealed. After {@link #close}. */
    boolean isWhole() {
        return executor.isTerminated() && waiting.isEmpty();
    }

    int backlog() {
        return executor.getQueue().size();
    }

    void seal(Task task) {
        executor.execute(() -> {
            waiting.addLast(task);
            work();
        });
    }

    /** Checkpoints are wanted, of segments of this size. Before the first segment is handed over. */
    void checkpoints(long bytes, Opening opening) {
        segmentBytes = bytes;
        headsAfter = opening.headsAfter;
        checkpointEnd = opening.checkpointEnd(bytes / CHECKPOINTS_AT_ENDS);
        checkpointNanos = System.nanoTime();
    }

    /** Goes on with the segment that begins at this position; the one before it is sealed. For the commit thread. */
    void begin(long first) {
        headsAfter = first - 1;
        checkpointEnd = 0;
        checkpointNanos = System.nanoTime();
    }

    /** Stores a checkpoint of the open segment if it is time for one. For the commit thread. */
    void maybeCheckpoint(JournalSegment open, int end, long durable) {
        if (end - checkpointEnd < segmentBytes / CHECKPOINTS
                || !executor.getQueue().isEmpty()
                || executor.isShutdown()) {
            return;
        }
        long now = System.nanoTime();
        if (now - checkpointNanos < segmentBytes * CHECKPOINT_PACE) {
            return;
        }
        checkpointNanos = now;
        checkpointEnd = end;
        long after = headsAfter;
        executor.execute(() -> {
            work(); // what found no room before
            checkpoint(open, end, durable, after);
        });
    }

    /** Stores a last checkpoint if much came since the one before. After {@link #close}, for its thread. */
    void finish(JournalSegment open, int end, long durable) {
        if (end - checkpointEnd >= segmentBytes / CHECKPOINTS_AT_ENDS && executor.isTerminated()) {
            checkpoint(open, end, durable, headsAfter);
        }
    }

    private void checkpoint(JournalSegment open, int end, long durable, long after) {
        if (checkpointsStopped) {
            return;
        }
        try {
            Checkpoint.Maker made = maker;
            if (made == null || made.segment() != open) {
                made = new Checkpoint.Maker(open, storeId, after);
                maker = made;
            }
            made.store(end, durable);
        } catch (IOException | RuntimeException e) { // the next opening goes through more lines, nothing else
            maker = null; // it may have stopped in the middle of a line
            checkpointsStopped = e instanceof RuntimeException && !(e instanceof StoreFailedException);
            System.getLogger("dev.daybook").log(System.Logger.Level.WARNING, "no checkpoint of " + open + ": " + e);
        }
    }

    private void work() {
        while (!waiting.isEmpty() && !stopped) {
            Task task = waiting.getFirst();
            try {
                sealNow(task);
            } catch (IOException | RuntimeException | Error e) {
                // Before a byte is written there is nothing to doubt: no room, or no descriptor to read the lines.
                stopped = !(e instanceof SpaceException || e instanceof StoreFailedException);
                System.getLogger("dev.daybook")
                        .log(
                                System.Logger.Level.WARNING,
                                task.segment + " is not sealed; "
                                        + (stopped ? "the next opening does it: " : "it is tried again: ") + e);
                return;
            }
            waiting.removeFirst();
        }
    }

    private void sealNow(Task task) throws IOException {
        JournalSegment segment = task.segment;
        SegmentTable table = task.table;
        String sha256 = sha256(JournalSegment.source(task.file, segment.file()), segment.tail);
        Framing.Seal seal = new Framing.Seal(
                segment.number,
                segment.id.first(),
                segment.last,
                table.lines,
                table.events,
                table.bytes,
                totalEvents + table.events,
                totalBytes + table.bytes,
                table.firstMicros,
                table.lastMicros,
                sha256,
                sha256,
                previousOrigin);
        task.file.end(segment.tail, ByteBuffer.wrap(Framing.seal(storeId, seal)));
        previousOrigin = sha256;
        totalEvents = seal.totalEvents();
        totalBytes = seal.totalBytes();
        segment.index(segment.store(table));
        segment.writing(null);
        task.file.close();
        storeHeads(task);
    }

    private void storeHeads(Task task) {
        if (task.heads.isEmpty() || heads.through() >= task.segment.last) {
            return;
        }
        task.heads.forEach(head -> unstored.put(head.name, head));
        try {
            heads.store(unstored.values(), task.segment.last, task.totals);
            stored.add(new Stored(List.copyOf(unstored.keySet()), task.segment.id.first()));
            unstored.clear();
        } catch (IOException e) {
            System.getLogger("dev.daybook").log(System.Logger.Level.WARNING, "heads are not stored: " + e);
        }
    }

    static String sha256(LineScanner.Source source, int length) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] piece = new byte[256 << 10];
            int at = 0;
            while (at < length) {
                int read = source.read(at, piece, 0, Math.min(piece.length, length - at));
                if (read <= 0) {
                    break;
                }
                digest.update(piece, 0, read);
                at += read;
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Ends after what was asked for is done; gives up after a minute. */
    void close() {
        executor.shutdown();
        boolean interrupted = false;
        long until = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        while (!executor.isTerminated() && System.nanoTime() < until) {
            try {
                executor.awaitTermination(1, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (executor.isTerminated()) {
            work(); // what found no room, a last time
        }
        for (Task task : waiting) {
            try {
                task.file.close();
            } catch (IOException e) {
                // it is opened again, and sealed, next time
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
