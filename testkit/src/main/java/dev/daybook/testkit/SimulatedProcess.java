package dev.daybook.testkit;

import dev.daybook.internal.disk.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One process that uses a {@link SimulatedDisk}: its files, its locks, and its end. Everything it does is guarded by the disk. */
public final class SimulatedProcess implements Disk {
    private final SimulatedDisk disk;

    boolean dead; // guarded by the disk

    SimulatedProcess(SimulatedDisk disk) {
        this.disk = disk;
    }

    /** Whether it was killed, alone or with the others. */
    public boolean isDead() {
        synchronized (disk) {
            return dead;
        }
    }

    /** Ends this process only. */
    public void kill() {
        synchronized (disk) {
            dead = true;
            disk.processes.remove(this);
        }
    }

    @Override
    public void createDirectories(Path directory) throws IOException {
        synchronized (disk) {
            Path path = SimulatedDisk.key(directory);
            disk.begin(this, Operation.Kind.CREATE_DIRECTORY, path, 0, 0);
            SimulatedDirectory at = disk.root;
            for (Path name : path) {
                Object child = at.seen.get(name.toString());
                if (child instanceof SimulatedDirectory there) {
                    at.sync(); // whoever made it may have died before it was durable
                    at = there;
                } else if (child != null) {
                    throw new FileAlreadyExistsException(path.toString());
                } else {
                    if (disk.dieUndone()) {
                        at.add(name.toString(), new SimulatedDirectory());
                        throw disk.die();
                    }
                    SimulatedDirectory made = new SimulatedDirectory();
                    at.add(name.toString(), made);
                    at.sync();
                    at = made;
                }
            }
        }
    }

    @Override
    public DiskFile create(Path file) throws IOException {
        synchronized (disk) {
            Path path = SimulatedDisk.key(file);
            disk.begin(this, Operation.Kind.CREATE, path, 0, 0);
            SimulatedDirectory directory = disk.directoryOf(path);
            if (directory.seen.containsKey(SimulatedDisk.name(path))) {
                throw new FileAlreadyExistsException(path.toString());
            }
            boolean dies = disk.dieUndone();
            SimulatedFile made = new SimulatedFile();
            directory.add(SimulatedDisk.name(path), made);
            if (dies) {
                throw disk.die();
            }
            return new OpenFile(path, made, true);
        }
    }

    @Override
    public DiskFile open(Path file, boolean writable) throws IOException {
        synchronized (disk) {
            Path path = SimulatedDisk.key(file);
            disk.begin(this, Operation.Kind.OPEN, path, 0, 0);
            Object node = disk.find(path);
            if (node == null) {
                throw new NoSuchFileException(path.toString());
            }
            if (!(node instanceof SimulatedFile found)) {
                throw new FileSystemException(path.toString(), null, "Is a directory");
            }
            return new OpenFile(path, found, writable);
        }
    }

    @Override
    public boolean exists(Path file) {
        synchronized (disk) {
            SimulatedDisk.alive(this);
            return disk.find(SimulatedDisk.key(file)) != null;
        }
    }

    @Override
    public boolean isDirectory(Path file) {
        synchronized (disk) {
            SimulatedDisk.alive(this);
            return disk.find(SimulatedDisk.key(file)) instanceof SimulatedDirectory;
        }
    }

    @Override
    public List<String> list(Path directory) throws IOException {
        synchronized (disk) {
            Path path = SimulatedDisk.key(directory);
            disk.begin(this, Operation.Kind.LIST, path, 0, 0);
            Object node = disk.find(path);
            if (node == null) {
                return List.of();
            }
            if (!(node instanceof SimulatedDirectory found)) {
                throw new NotDirectoryException(path.toString());
            }
            return List.copyOf(found.seen.keySet());
        }
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        synchronized (disk) {
            Path source = SimulatedDisk.key(from);
            Path target = SimulatedDisk.key(to);
            disk.begin(this, Operation.Kind.RENAME, target, 0, 0);
            SimulatedDirectory directory = disk.directoryOf(source);
            if (directory != disk.directoryOf(target)) {
                throw new UnsupportedOperationException("the simulated disk renames inside one directory only");
            }
            if (!directory.seen.containsKey(SimulatedDisk.name(source))) {
                throw new NoSuchFileException(source.toString());
            }
            boolean dies = disk.dieUndone();
            Object replaced = directory.seen.get(SimulatedDisk.name(target));
            if (replaced instanceof SimulatedFile file && !source.equals(target)) {
                disk.used -= SimulatedFile.allocated(file.size());
            }
            directory.rename(SimulatedDisk.name(source), SimulatedDisk.name(target));
            if (dies) {
                throw disk.die();
            }
        }
    }

    @Override
    public void delete(Path file) throws IOException {
        synchronized (disk) {
            Path path = SimulatedDisk.key(file);
            disk.begin(this, Operation.Kind.DELETE, path, 0, 0);
            Object node = disk.find(path);
            if (node == null) {
                return;
            }
            if (node instanceof SimulatedDirectory directory && !directory.seen.isEmpty()) {
                throw new DirectoryNotEmptyException(path.toString());
            }
            boolean dies = disk.dieUndone();
            if (node instanceof SimulatedFile found) {
                disk.used -= SimulatedFile.allocated(found.size());
            }
            disk.directoryOf(path).remove(SimulatedDisk.name(path));
            if (dies) {
                throw disk.die();
            }
        }
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        synchronized (disk) {
            Path path = SimulatedDisk.key(directory);
            Fault fault = disk.begin(this, Operation.Kind.SYNC_DIRECTORY, path, 0, 0);
            if (!(disk.find(path) instanceof SimulatedDirectory found)) {
                throw new NoSuchFileException(path.toString());
            }
            boolean dies = disk.dieUndone();
            if (fault == null || fault.effect() != Fault.Effect.LYING_SYNC) {
                found.sync();
            }
            if (dies) {
                throw disk.die();
            }
        }
    }

    @Override
    public @Nullable DiskLock tryLock(Path file) throws IOException {
        synchronized (disk) {
            Path path = SimulatedDisk.key(file);
            disk.begin(this, Operation.Kind.LOCK, path, 0, 0);
            SimulatedDirectory directory = disk.directoryOf(path);
            Object node = directory.seen.get(SimulatedDisk.name(path));
            SimulatedFile found;
            if (node instanceof SimulatedFile there) {
                found = there;
            } else if (node == null) {
                boolean dies = disk.dieUndone();
                found = new SimulatedFile();
                directory.add(SimulatedDisk.name(path), found);
                if (dies) {
                    throw disk.die();
                }
            } else {
                throw new FileSystemException(path.toString(), null, "Is a directory");
            }
            SimulatedProcess owner = found.lockedBy;
            if (owner != null && !owner.dead) {
                return null;
            }
            found.lockedBy = this;
            return new Lock(path, found);
        }
    }

    @Override
    public byte[] readSmall(Path file, int bytesMax) throws IOException {
        synchronized (disk) {
            Path path = SimulatedDisk.key(file);
            disk.begin(this, Operation.Kind.OPEN, path, 0, 0);
            if (!(disk.find(path) instanceof SimulatedFile found)) {
                throw new NoSuchFileException(path.toString());
            }
            if (found.size() > bytesMax) {
                throw new IOException(path + " is larger than " + bytesMax + " bytes");
            }
            return found.bytes();
        }
    }

    private final class OpenFile implements DiskFile {
        private final Path path;
        private final SimulatedFile file;
        private final boolean writable;
        private int failuresSeen;
        private boolean closed;

        OpenFile(Path path, SimulatedFile file, boolean writable) {
            this.path = path;
            this.file = file;
            this.writable = writable;
            this.failuresSeen = file.failedSyncs;
            disk.descriptors++;
        }

        private @Nullable Fault start(Operation.Kind kind, long offset, int length) throws IOException {
            SimulatedDisk.alive(SimulatedProcess.this);
            if (closed) {
                throw new java.nio.channels.ClosedChannelException();
            }
            if (kind.isMutation() && !writable) {
                throw new java.nio.channels.NonWritableChannelException();
            }
            return disk.begin(SimulatedProcess.this, kind, path, offset, length);
        }

        @Override
        public long size() throws IOException {
            synchronized (disk) {
                SimulatedDisk.alive(SimulatedProcess.this);
                if (closed) {
                    throw new java.nio.channels.ClosedChannelException();
                }
                return file.size();
            }
        }

        @Override
        public int read(long offset, ByteBuffer into) throws IOException {
            synchronized (disk) {
                start(Operation.Kind.READ, offset, into.remaining());
                return file.read(offset, into);
            }
        }

        @Override
        public void write(long offset, ByteBuffer bytes) throws IOException {
            synchronized (disk) {
                int length = bytes.remaining();
                Fault fault = start(Operation.Kind.WRITE, offset, length);
                disk.count(path, 0);
                if (disk.diesHere()) {
                    part(offset, bytes, disk.random.nextInt(3) == 0 ? length : disk.random.nextInt(length + 1));
                    throw disk.die();
                }
                if (fault != null
                        && fault.effect() != Fault.Effect.LYING_WRITE
                        && fault.effect() != Fault.Effect.LYING_SYNC) {
                    part(offset, bytes, disk.random.nextInt(length + 1));
                    throw new IOException(
                            fault.effect() == Fault.Effect.NO_SPACE ? "No space left on device" : "Input/output error");
                }
                long growth = growth(offset + length);
                if (growth > 0 && disk.used + growth > disk.capacity) {
                    long end = SimulatedFile.allocated(file.size())
                            + Math.max(0, disk.capacity - disk.used) / SimulatedFile.PAGE * SimulatedFile.PAGE;
                    part(offset, bytes, (int) Math.max(0, Math.min(length, end - offset)));
                    throw new IOException("No space left on device");
                }
                disk.used += growth;
                file.write(offset, bytes, length, fault == null || fault.effect() != Fault.Effect.LYING_WRITE);
                if (disk.random.nextInt(16) == 0) {
                    file.writeBack(disk.random);
                }
            }
        }

        private long growth(long end) {
            return SimulatedFile.allocated(Math.max(file.size(), end)) - SimulatedFile.allocated(file.size());
        }

        private void part(long offset, ByteBuffer bytes, int length) {
            if (length > 0) {
                disk.used += growth(offset + length);
                file.write(offset, bytes, length, true);
            }
        }

        @Override
        public void sync() throws IOException {
            synchronized (disk) {
                Fault fault = start(Operation.Kind.SYNC, 0, 0);
                disk.count(path, 1);
                if (disk.diesHere()) {
                    file.writeBack(disk.random);
                    throw disk.die();
                }
                if (fault != null && fault.effect() == Fault.Effect.LYING_SYNC) {
                    return;
                }
                if (fault != null && fault.effect() != Fault.Effect.LYING_WRITE) {
                    file.failSync(disk.random);
                    failuresSeen = file.failedSyncs;
                    throw new IOException(
                            fault.effect() == Fault.Effect.NO_SPACE ? "No space left on device" : "Input/output error");
                }
                file.sync();
                if (failuresSeen
                        != file.failedSyncs) { // another descriptor's sync lost bytes: told once, as Linux does
                    failuresSeen = file.failedSyncs;
                    throw new IOException("Input/output error");
                }
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            synchronized (disk) {
                start(Operation.Kind.TRUNCATE, size, 0);
                if (size >= file.size()) {
                    return; // as FileChannel.truncate
                }
                boolean dies = disk.dieUndone();
                disk.used -= SimulatedFile.allocated(file.size()) - SimulatedFile.allocated(size);
                file.truncate(size);
                if (dies) {
                    throw disk.die();
                }
            }
        }

        @Override
        public ByteBuffer map(long size, boolean forWriting) throws IOException {
            synchronized (disk) {
                start(Operation.Kind.MAP, 0, (int) size);
                if (forWriting && !writable) {
                    throw new java.nio.channels.NonWritableChannelException();
                }
                if (forWriting) {
                    disk.room(growth(size));
                    disk.used += growth(size);
                }
                return file.map(size, forWriting);
            }
        }

        @Override
        public void close() {
            synchronized (disk) {
                if (!closed) {
                    closed = true;
                    if (!dead) {
                        disk.descriptors--;
                    }
                }
            }
        }
    }

    private final class Lock implements DiskLock {
        private final Path path;
        private final SimulatedFile file;
        private boolean closed;

        Lock(Path path, SimulatedFile file) {
            this.path = path;
            this.file = file;
            disk.descriptors++;
        }

        @Override
        public void describe(byte[] text) throws IOException {
            synchronized (disk) {
                if (closed) {
                    throw new java.nio.channels.ClosedChannelException();
                }
                disk.begin(SimulatedProcess.this, Operation.Kind.WRITE, path, 0, text.length);
                if (disk.diesHere()) {
                    throw disk.die();
                }
                disk.used -= SimulatedFile.allocated(file.size());
                file.truncate(0);
                disk.room(SimulatedFile.allocated(text.length));
                disk.used += SimulatedFile.allocated(text.length);
                file.write(0, ByteBuffer.wrap(text), text.length, true);
            }
        }

        @Override
        public void close() throws IOException {
            synchronized (disk) {
                if (closed) {
                    return;
                }
                closed = true;
                SimulatedDisk.alive(SimulatedProcess.this);
                disk.descriptors--;
                file.lockedBy = null;
                disk.used -= SimulatedFile.allocated(file.size());
                file.truncate(0);
            }
        }
    }
}
