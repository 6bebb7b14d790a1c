package dev.daybook.testkit;

import dev.daybook.internal.disk.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A disk that is used wrongly: the planted bug that a crash test must find, or it proves nothing. */
public final class BuggyDisk implements Disk {

    /** What is left out. */
    public enum Bug {
        /** Files are never synced. */
        NO_SYNC,
        /** Directories are never synced. */
        NO_DIR_SYNC
    }

    private final Disk disk;
    private final Bug bug;

    public BuggyDisk(Disk disk, Bug bug) {
        this.disk = disk;
        this.bug = bug;
    }

    @Override
    public void createDirectories(Path directory) throws IOException {
        disk.createDirectories(directory);
    }

    @Override
    public DiskFile create(Path file) throws IOException {
        return wrap(disk.create(file));
    }

    @Override
    public DiskFile open(Path file, boolean writable) throws IOException {
        return wrap(disk.open(file, writable));
    }

    private DiskFile wrap(DiskFile file) {
        return bug == Bug.NO_SYNC ? new UnsyncedFile(file) : file;
    }

    @Override
    public boolean exists(Path file) {
        return disk.exists(file);
    }

    @Override
    public boolean isDirectory(Path file) {
        return disk.isDirectory(file);
    }

    @Override
    public List<String> list(Path directory) throws IOException {
        return disk.list(directory);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        disk.rename(from, to);
    }

    @Override
    public void delete(Path file) throws IOException {
        disk.delete(file);
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        if (bug != Bug.NO_DIR_SYNC) {
            disk.syncDirectory(directory);
        }
    }

    @Override
    public @Nullable DiskLock tryLock(Path file) throws IOException {
        return disk.tryLock(file);
    }

    @Override
    public byte[] readSmall(Path file, int bytesMax) throws IOException {
        return disk.readSmall(file, bytesMax);
    }

    private record UnsyncedFile(DiskFile file) implements DiskFile {
        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public int read(long offset, ByteBuffer into) throws IOException {
            return file.read(offset, into);
        }

        @Override
        public void write(long offset, ByteBuffer bytes) throws IOException {
            file.write(offset, bytes);
        }

        @Override
        public void sync() {
            // the bug
        }

        @Override
        public void truncate(long size) throws IOException {
            file.truncate(size);
        }

        @Override
        public ByteBuffer map(long size, boolean writable) throws IOException {
            return file.map(size, writable);
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
