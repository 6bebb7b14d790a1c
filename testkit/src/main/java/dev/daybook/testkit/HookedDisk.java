package dev.daybook.testkit;

import dev.daybook.internal.disk.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Another disk, where a test can do something of its own beside, or instead of, reads, writes, syncs, mappings and closing: it overrides these. */
public class HookedDisk implements Disk {
    private final Disk disk;

    public HookedDisk(Disk disk) {
        this.disk = disk;
    }

    protected int read(Path path, DiskFile file, long offset, ByteBuffer into) throws IOException {
        return file.read(offset, into);
    }

    protected void write(Path path, DiskFile file, long offset, ByteBuffer bytes) throws IOException {
        file.write(offset, bytes);
    }

    protected void sync(Path path, DiskFile file) throws IOException {
        file.sync();
    }

    protected ByteBuffer map(Path path, DiskFile file, long size, boolean writable) throws IOException {
        return file.map(size, writable);
    }

    protected void close(Path path, DiskFile file) throws IOException {
        file.close();
    }

    @Override
    public boolean isReal() {
        return disk.isReal();
    }

    @Override
    public void createDirectories(Path directory) throws IOException {
        disk.createDirectories(directory);
    }

    @Override
    public DiskFile create(Path file) throws IOException {
        return new HookedFile(file, disk.create(file));
    }

    @Override
    public DiskFile open(Path file, boolean writable) throws IOException {
        return new HookedFile(file, disk.open(file, writable));
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
        disk.syncDirectory(directory);
    }

    @Override
    public @Nullable DiskLock tryLock(Path file) throws IOException {
        return disk.tryLock(file);
    }

    @Override
    public byte[] readSmall(Path file, int bytesMax) throws IOException {
        return disk.readSmall(file, bytesMax);
    }

    private final class HookedFile implements DiskFile {
        private final Path path;
        private final DiskFile file;

        HookedFile(Path path, DiskFile file) {
            this.path = path;
            this.file = file;
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public int read(long offset, ByteBuffer into) throws IOException {
            return HookedDisk.this.read(path, file, offset, into);
        }

        @Override
        public void write(long offset, ByteBuffer bytes) throws IOException {
            HookedDisk.this.write(path, file, offset, bytes);
        }

        @Override
        public void sync() throws IOException {
            HookedDisk.this.sync(path, file);
        }

        @Override
        public void truncate(long size) throws IOException {
            file.truncate(size);
        }

        @Override
        public ByteBuffer map(long size, boolean writable) throws IOException {
            return HookedDisk.this.map(path, file, size, writable);
        }

        @Override
        public void close() throws IOException {
            HookedDisk.this.close(path, file);
        }
    }
}
