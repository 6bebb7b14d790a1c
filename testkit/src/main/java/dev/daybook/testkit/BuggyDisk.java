package dev.daybook.testkit;

import dev.daybook.internal.disk.Disk;
import java.io.IOException;
import java.nio.file.Path;

/** A disk that is used wrongly: the planted bug that a crash test must find, or it proves nothing. */
public final class BuggyDisk extends HookedDisk {

    /** What is left out. */
    public enum Bug {
        /** Files are never synced. */
        NO_SYNC,
        /** Directories are never synced. */
        NO_DIR_SYNC
    }

    private final Bug bug;

    public BuggyDisk(Disk disk, Bug bug) {
        super(disk);
        this.bug = bug;
    }

    @Override
    protected void sync(Path path, DiskFile file) throws IOException {
        if (bug != Bug.NO_SYNC) {
            super.sync(path, file);
        }
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        if (bug != Bug.NO_DIR_SYNC) {
            super.syncDirectory(directory);
        }
    }
}
