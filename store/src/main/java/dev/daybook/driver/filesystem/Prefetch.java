package dev.daybook.driver.filesystem;

import dev.daybook.driver.SegmentId;
import dev.daybook.driver.Storage.Piece;
import dev.daybook.internal.disk.Disk;
import dev.daybook.internal.disk.Disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Reads pieces of segments with many requests under way at once, so that the page cache has them when they are wanted one by one. */
final class Prefetch {
    private static final int THREADS_MAX = 32;
    private static final int SHARE_MIN = 4;
    private static final int STEP = 16 << 10;

    private final Disk disk;
    private final Function<SegmentId, Path> fileOf;

    Prefetch(Disk disk, Function<SegmentId, Path> fileOf) {
        this.disk = disk;
        this.fileOf = fileOf;
    }

    /** Returns when all is there that can be. */
    void fetch(List<Piece> pieces) {
        int n = pieces.size();
        int shares = Math.min(THREADS_MAX, (n + SHARE_MIN - 1) / SHARE_MIN);
        List<Thread> threads = new ArrayList<>(shares);
        try {
            for (int i = 0; i < shares; i++) {
                // Neighbours go to one thread: it has few files to open.
                List<Piece> share = pieces.subList((int) ((long) n * i / shares), (int) ((long) n * (i + 1) / shares));
                Thread thread = new Thread(() -> read(share), "daybook-warm");
                thread.setDaemon(true);
                thread.start();
                threads.add(thread);
            }
        } catch (OutOfMemoryError e) {
            // the system has no more threads for us: it was only a hint
        }
        boolean interrupted = false;
        for (Thread thread : threads) {
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void read(List<Piece> pieces) {
        ByteBuffer scratch = ByteBuffer.allocate(STEP);
        int next = 0;
        while (next < pieces.size()) {
            SegmentId id = pieces.get(next).segment();
            try (DiskFile file = disk.open(fileOf.apply(id), false)) {
                for (; next < pieces.size() && pieces.get(next).segment().equals(id); next++) {
                    Piece piece = pieces.get(next);
                    for (int done = 0; done < piece.length(); done += STEP) {
                        scratch.clear().limit(Math.min(STEP, piece.length() - done));
                        file.read(piece.offset() + done, scratch);
                    }
                }
            } catch (IOException e) {
                return; // reading in earnest will say what is wrong
            }
        }
    }
}
