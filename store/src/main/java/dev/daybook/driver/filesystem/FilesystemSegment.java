package dev.daybook.driver.filesystem;

import dev.daybook.driver.Segment;
import dev.daybook.driver.SegmentId;
import dev.daybook.driver.SpaceException;
import dev.daybook.internal.disk.Disk;
import dev.daybook.internal.disk.Disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * One segment's file.
 *
 * <p>Space is prepared by filling it with spaces and, where groups are synced, syncing, through a descriptor of its own: a commit then changes
 * bytes but not the file's size, which saves the file system a second write per sync. As much again as is used is prepared, from 64 KiB to 8 MiB.
 */
final class FilesystemSegment implements Segment {
    private static final int CHUNK_MIN = 64 << 10;

    private static final int CHUNK_MAX = 8 << 20;

    /** How much is filled per sync: a commit that comes at the same time waits for no more than this. */
    private static final int FILL_STEP = 1 << 20;

    /** Read-only, outside the heap: so it is written as it is, without a copy. */
    private static final ByteBuffer SPACES = spaces(256 << 10);

    private final SegmentId id;
    private final Path path;
    private final Disk disk;
    private final DiskFile file;
    private final FilesystemStorage storage;

    /** Bytes that lie behind this are not in the file yet. Grows; set by whoever prepared them. */
    private volatile long prepared;

    private volatile @Nullable ByteBuffer view;
    private @Nullable DiskFile reader; // guarded by this
    private volatile @Nullable IOException syncFailure; // of preparing space
    private @Nullable Future<?> ahead; // touched by the writing thread only

    FilesystemSegment(SegmentId id, Path path, Disk disk, DiskFile file, FilesystemStorage storage) throws IOException {
        this.id = id;
        this.path = path;
        this.disk = disk;
        this.file = file;
        this.storage = storage;
        this.prepared = file.size();
    }

    @Override
    public SegmentId id() {
        return id;
    }

    @Override
    public long size() throws IOException {
        return prepared;
    }

    @Override
    public ByteBuffer view() throws IOException {
        ByteBuffer known = view;
        return known != null ? known : map();
    }

    /** Maps what there is now, through a descriptor of its own: any thread may come here. */
    private ByteBuffer map() throws IOException {
        return Shield.run(() -> {
            try (DiskFile own = disk.open(path, false)) {
                for (long size = own.size(); ; size = own.size()) {
                    try {
                        return widest(own.map(Math.max(size, 1), false));
                    } catch (ClosedByInterruptException e) {
                        throw e; // it is done again
                    } catch (IOException e) {
                        if (own.size() >= size) {
                            throw e;
                        } // else it was cut behind its last line in between
                    }
                }
            }
        });
    }

    /** Keeps this window, unless space was prepared since it was made and there is a wider one. */
    private synchronized ByteBuffer widest(ByteBuffer mapped) {
        ByteBuffer known = view;
        if (known != null && known.capacity() >= mapped.capacity()) {
            return known;
        }
        view = mapped;
        return mapped;
    }

    @Override
    public int read(long offset, ByteBuffer into) throws IOException {
        return reader().read(offset, into);
    }

    /** A descriptor of its own: the file may have been made under another name, and the writer's is not for readers. */
    private synchronized DiskFile reader() throws IOException {
        DiskFile known = reader;
        if (known == null) {
            known = Shield.run(() -> disk.open(path, false));
            reader = known;
        }
        return known;
    }

    @Override
    public void prepare(long upTo) throws IOException {
        if (upTo > prepared) {
            Future<?> running = ahead;
            ahead = null;
            if (running != null) {
                await(running);
            }
            prepareFully(upTo);
        }
        IOException failure = syncFailure;
        if (failure != null) {
            throw failure; // the next sync of the lines would fail with it too, or, worse, not
        }
        storage.wroteUpTo(upTo);
        if (ahead == null || ahead.isDone()) {
            // As much again as is used: a small store stays small, and a large one seldom waits.
            long more = Math.min(Math.max(upTo, CHUNK_MIN), CHUNK_MAX);
            long reach = Math.min(upTo + more, storage.segmentBytes());
            if (prepared < upTo + more / 2 && prepared < reach) {
                long from = prepared;
                ahead = storage.preparer().submit(() -> {
                    fill(from, roundUp(reach));
                    return null;
                });
            }
        }
    }

    private void prepareFully(long upTo) throws IOException {
        if (upTo > prepared) {
            fill(prepared, roundUp(upTo));
        }
    }

    private static long roundUp(long bytes) {
        return (bytes + CHUNK_MIN - 1) / CHUNK_MIN * CHUNK_MIN;
    }

    static void await(Future<?> running) {
        boolean interrupted = false;
        while (true) {
            try {
                running.get();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            } catch (ExecutionException e) {
                break; // there was no room then; the caller tries again for itself
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void fill(long from, long to) throws IOException {
        try (DiskFile own = disk.open(path, true)) {
            for (long at = from; at < to; at += FILL_STEP) {
                spaces(own, at, Math.min(to, at + FILL_STEP));
                if (!storage.syncsGroups()) {
                    continue; // lines overwrite it before the disk sees it
                }
                try {
                    own.sync();
                } catch (IOException e) {
                    syncFailure = e;
                    throw e;
                }
            }
            widest(own.map(to, false));
            prepared = to;
        } catch (IOException e) {
            if (e == syncFailure) {
                throw e; // a failed sync is final, whatever it was for (I7)
            }
            throw new SpaceException("cannot prepare space in " + path + ": " + e.getMessage(), e);
        }
    }

    static void spaces(DiskFile file, long from, long to) throws IOException {
        for (long at = from; at < to; at += SPACES.capacity()) {
            file.write(at, SPACES.slice(0, (int) Math.min(SPACES.capacity(), to - at)));
        }
    }

    private static ByteBuffer spaces(int bytes) {
        byte[] spaces = new byte[bytes];
        Arrays.fill(spaces, (byte) ' ');
        return ByteBuffer.allocateDirect(bytes).put(spaces).clear().asReadOnlyBuffer();
    }

    @Override
    public void write(long offset, ByteBuffer lines) throws IOException {
        file.write(offset, lines);
    }

    @Override
    public void sync() throws IOException {
        file.sync();
        IOException failure = syncFailure;
        if (failure != null) {
            throw failure; // it was for these bytes, too, and not every system says so twice
        }
    }

    @Override
    public void end(long offset, ByteBuffer last) throws IOException {
        Future<?> running = ahead;
        if (running != null) {
            await(running);
            ahead = null;
        }
        long end = offset + last.remaining();
        if (last.hasRemaining()) {
            // Durable before the cut: a file that ends right behind its last line was ended whole.
            prepareFully(end + 1);
            file.write(offset, last);
            file.sync();
        }
        file.truncate(end);
        file.sync();
        prepared = end;
        view = null; // the next look maps the right size
    }

    @Override
    public void close() throws IOException {
        Future<?> running = ahead;
        if (running != null) {
            await(running);
        }
        try (DiskFile also = closedReader()) {
            file.close();
        }
    }

    private synchronized @Nullable DiskFile closedReader() {
        DiskFile known = reader;
        reader = null;
        return known;
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
