package dev.daybook.driver.filesystem;

import dev.daybook.internal.disk.Disk;
import dev.daybook.internal.disk.Disk.DiskFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * The next segment's file, prepared beside the one that is being written: filling that one makes its commits wait for the file system.
 * It is filled at the writer's pace, a step now and then, since the disk is for the commits. Used by the writing thread, and by who closes the
 * storage.
 */
final class Spare {
    private static final int STEP = 1 << 20;

    private final Path file;
    private final Disk disk;
    private final ExecutorService preparer;
    private final long bytesMax;

    private @Nullable Future<?> running;

    // Touched by the task that runs, and by others only after they have waited for it.
    private @Nullable DiskFile draft;
    private long filled;
    private boolean failed;

    Spare(Path file, Disk disk, ExecutorService preparer, long bytesMax) {
        this.file = file;
        this.disk = disk;
        this.preparer = preparer;
        this.bytesMax = bytesMax;
    }

    /** Goes on until this many bytes are there. */
    synchronized void reach(long bytes) {
        Future<?> before = running;
        if (before != null && !before.isDone() || failed || filled >= bytesMax || filled >= bytes) {
            return;
        }
        running = preparer.submit(() -> fill(Math.min(bytes, bytesMax)));
    }

    private void fill(long bytes) {
        try {
            DiskFile open = draft;
            if (open == null) {
                disk.delete(file);
                open = disk.create(file);
                draft = open;
            }
            while (filled < bytes) {
                long to = Math.min(bytesMax, filled + STEP);
                FilesystemSegment.spaces(open, filled, to);
                open.sync();
                filled = to;
            }
        } catch (IOException e) {
            failed = true; // no room, perhaps: the next segment is prepared bit by bit, as in a small store
            try {
                discard(); // the segment that is being written needs the room more
            } catch (IOException more) {
                // its name is temporary: the next opening removes it
            }
        }
    }

    /** The file under another name, as far as it is prepared, or null when there is none. */
    @Nullable
    synchronized DiskFile take(Path name) throws IOException {
        Future<?> task = running;
        if (task != null) {
            FilesystemSegment.await(task);
        }
        DiskFile open = draft;
        if (open == null) {
            return null;
        }
        try {
            disk.rename(file, name);
        } catch (IOException e) {
            drop();
            throw e;
        }
        draft = null;
        return open;
    }

    synchronized void drop() throws IOException {
        Future<?> task = running;
        if (task != null) {
            FilesystemSegment.await(task);
        }
        discard();
    }

    private void discard() throws IOException {
        DiskFile open = draft;
        if (open != null) {
            draft = null;
            open.close();
            disk.delete(file); // if that fails: its name is temporary, and the next opening removes it
        }
    }
}
