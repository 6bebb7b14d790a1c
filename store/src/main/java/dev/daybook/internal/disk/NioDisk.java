package dev.daybook.internal.disk;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The real file system.
 *
 * <p>Writes go through {@link FileChannel}, whose interruptible calls close the channel when the thread is interrupted; so only
 * threads that belong to the store write. Reads that a caller's thread may make go through {@link RandomAccessFile} or a mapping,
 * which an interrupt does not touch.
 */
public final class NioDisk implements Disk {
    private static final Set<PosixFilePermission> OWNER_FILE = PosixFilePermissions.fromString("rw-------");
    private static final Set<PosixFilePermission> OWNER_DIRECTORY = PosixFilePermissions.fromString("rwx------");
    private static final boolean POSIX =
            Path.of("").getFileSystem().supportedFileAttributeViews().contains("posix");
    private static final int WRITE_BYTES_MAX = 1 << 20;
    private static final boolean WINDOWS = System.getProperty("os.name", "").startsWith("Windows");

    /**
     * Lock files held in this JVM, and what their holders say of themselves. A POSIX lock is lost when <em>any</em> descriptor of its
     * file is closed by the process, so a file that is held here is never opened again. Guards itself.
     */
    private static final Map<Path, byte[]> LOCKED_HERE = new HashMap<>();

    private static FileAttribute<?>[] owned(Set<PosixFilePermission> permissions) {
        return POSIX
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(permissions)}
                : new FileAttribute<?>[0];
    }

    @Override
    public void createDirectories(Path directory) throws IOException {
        Path whole = directory.toAbsolutePath();
        Path made = whole.getRoot();
        for (Path name : whole) {
            Path parent = made == null ? name : made;
            made = parent.resolve(name);
            if (!Files.isDirectory(made)) {
                try {
                    Files.createDirectory(made, owned(OWNER_DIRECTORY));
                } catch (FileAlreadyExistsException e) {
                    if (!Files.isDirectory(made)) {
                        throw e;
                    }
                }
            }
            // Also of one that was there: whoever made it may have been killed before it was durable.
            if (Files.isReadable(parent)) {
                syncDirectory(parent);
            }
        }
    }

    @Override
    public DiskFile create(Path file) throws IOException {
        Set<OpenOption> options = Set.of(
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                LinkOption.NOFOLLOW_LINKS);
        return new NioFile(file, FileChannel.open(file, options, owned(OWNER_FILE)));
    }

    @Override
    public DiskFile open(Path file, boolean writable) throws IOException {
        Set<OpenOption> options = writable
                ? Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)
                : Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
        return new NioFile(file, FileChannel.open(file, options));
    }

    @Override
    public boolean exists(Path file) {
        return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
    }

    @Override
    public boolean isDirectory(Path file) {
        return Files.isDirectory(file);
    }

    @Override
    public List<String> list(Path directory) throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                names.add(String.valueOf(file.getFileName()));
            }
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        Collections.sort(names);
        return names;
    }

    @Override
    public boolean isReal() {
        return true;
    }

    /** Size and identity of a file, or null where there is none. Does not open it. */
    public @Nullable BasicFileAttributes attributes(Path file) throws IOException {
        try {
            return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            throw new IOException("this file system cannot rename atomically: " + to, e);
        }
    }

    @Override
    public void delete(Path file) throws IOException {
        Files.deleteIfExists(file);
    }

    @Override
    public void syncDirectory(Path directory) throws IOException {
        if (WINDOWS) {
            return; // a directory cannot be opened for syncing there
        }
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static Path lockKey(Path file) throws IOException {
        Path parent = file.toAbsolutePath().getParent();
        Path name = file.getFileName();
        if (parent == null || name == null) {
            throw new IOException(file + " cannot be a lock file");
        }
        return parent.toRealPath().resolve(name);
    }

    @Override
    public @Nullable DiskLock tryLock(Path file) throws IOException {
        synchronized (LOCKED_HERE) {
            Path key = lockKey(file);
            if (LOCKED_HERE.containsKey(key)) {
                return null;
            }
            while (true) {
                if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                    makeLockFile(file);
                }
                @Nullable Object before = fileKey(file);
                FileChannel channel = FileChannel.open(
                        file, Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS));
                boolean held = false;
                try {
                    if (!lock(channel)) {
                        return null;
                    }
                    // Whoever removed the store meanwhile removed the file that is locked now; another may have made a
                    // new one.
                    if (Objects.equals(before, fileKey(file))) {
                        held = true;
                        LOCKED_HERE.put(key, new byte[0]);
                        return new NioLock(key, channel);
                    }
                } finally {
                    if (!held) {
                        channel.close();
                    }
                }
            }
        }
    }

    private static boolean lock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false; // another class loader of this JVM has it
        }
    }

    private static void makeLockFile(Path file) throws IOException {
        try {
            FileChannel.open(
                            file,
                            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
                            owned(OWNER_FILE))
                    .close();
        } catch (FileAlreadyExistsException e) {
            // another process made it
        }
    }

    private static @Nullable Object fileKey(Path file) throws IOException {
        try {
            return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .fileKey();
        } catch (NoSuchFileException e) {
            return file; // equal to no key
        }
    }

    @Override
    public byte[] lockOwner(Path file) throws IOException {
        synchronized (LOCKED_HERE) {
            byte[] here = LOCKED_HERE.get(lockKey(file));
            return here != null ? here : readSmall(file, 4_096);
        }
    }

    @Override
    public byte[] readSmall(Path file, int bytesMax) throws IOException {
        try (SeekableByteChannel channel =
                Files.newByteChannel(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            if (channel.size() > bytesMax) {
                throw new IOException(file + " is larger than " + bytesMax + " bytes");
            }
            ByteBuffer bytes = ByteBuffer.allocate((int) channel.size());
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
                // until the end
            }
            return Arrays.copyOf(bytes.array(), bytes.position());
        }
    }

    private static final class NioLock implements DiskLock {
        private final Path key;
        private final FileChannel channel;
        private final AtomicBoolean closed = new AtomicBoolean();

        NioLock(Path key, FileChannel channel) {
            this.key = key;
            this.channel = channel;
        }

        @Override
        public void describe(byte[] text) throws IOException {
            synchronized (LOCKED_HERE) {
                LOCKED_HERE.put(key, text.clone());
            }
            channel.truncate(0);
            channel.write(ByteBuffer.wrap(text), 0);
        }

        @Override
        public void close() throws IOException {
            if (!closed.compareAndSet(false, true)) {
                return; // another may hold it by now
            }
            try {
                channel.truncate(0);
            } finally {
                synchronized (LOCKED_HERE) {
                    channel.close(); // releases the lock
                    LOCKED_HERE.remove(key);
                }
            }
        }
    }

    private static final class NioFile implements DiskFile {
        private final Path path;
        private final FileChannel channel;
        private @Nullable RandomAccessFile reader; // guarded by this

        NioFile(Path path, FileChannel channel) {
            this.path = path;
            this.channel = channel;
        }

        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        public synchronized int read(long offset, ByteBuffer into) throws IOException {
            RandomAccessFile from = reader;
            if (from == null) {
                from = new RandomAccessFile(path.toFile(), "r");
                reader = from;
            }
            byte[] chunk = into.hasArray() ? into.array() : new byte[into.remaining()];
            int at = into.hasArray() ? into.arrayOffset() + into.position() : 0;
            int length = into.remaining();
            int done = 0;
            from.seek(offset);
            while (done < length) {
                int n = from.read(chunk, at + done, length - done);
                if (n < 0) {
                    break;
                }
                done += n;
            }
            if (into.hasArray()) {
                into.position(into.position() + done);
            } else {
                into.put(chunk, 0, done);
            }
            return done;
        }

        @Override
        public void write(long offset, ByteBuffer bytes) throws IOException {
            long at = offset;
            int end = bytes.limit();
            while (bytes.position() < end) {
                // In slices: the JDK copies each to memory outside the heap, and keeps that for the thread.
                bytes.limit(Math.min(end, bytes.position() + WRITE_BYTES_MAX));
                at += channel.write(bytes, at);
            }
        }

        @Override
        public void sync() throws IOException {
            channel.force(false);
        }

        @Override
        public void truncate(long size) throws IOException {
            channel.truncate(size);
        }

        @Override
        public ByteBuffer map(long size, boolean writable) throws IOException {
            return channel.map(writable ? FileChannel.MapMode.READ_WRITE : FileChannel.MapMode.READ_ONLY, 0, size);
        }

        @Override
        public synchronized void close() throws IOException {
            try {
                if (reader != null) {
                    reader.close();
                }
            } finally {
                channel.close();
            }
        }
    }
}
