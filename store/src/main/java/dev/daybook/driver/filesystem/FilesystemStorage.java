package dev.daybook.driver.filesystem;

import dev.daybook.driver.Segment;
import dev.daybook.driver.SegmentId;
import dev.daybook.driver.SpaceException;
import dev.daybook.driver.Storage;
import dev.daybook.internal.disk.Disk;
import dev.daybook.internal.disk.Disk.DiskFile;
import dev.daybook.internal.disk.Disk.DiskLock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** An open directory of a journal. */
final class FilesystemStorage implements Storage {
    private static final String SEGMENT_SUFFIX = ".jsonl";
    private static final String TEMPORARY = ".tmp";
    private static final int MANIFEST_BYTES_MAX = 64 << 10;
    private static final String SPARE = "spare" + TEMPORARY;
    private static final long SPARE_BYTES_MIN = 32 << 20;

    /** A segment that has grown to this will probably be filled. */
    private static final long LARGE = 4 << 20;

    private final Path directory;
    private final Disk disk;
    private final @Nullable DiskLock lock; // null: read only
    private final AtomicBoolean closed = new AtomicBoolean();

    private volatile long segmentBytes = Long.MAX_VALUE;
    private volatile boolean syncsGroups = true;
    private @Nullable Spare spare; // touched by the writing thread only, and by close()
    private boolean leftover; // whether the file of a spare that another process made is there; guarded by this

    /** Prepares space ahead of the writer. Its thread ends when it has had nothing to do for a while. */
    private final ExecutorService preparer;

    FilesystemStorage(Path directory, Disk disk, @Nullable DiskLock lock) {
        this.directory = directory;
        this.disk = disk;
        this.lock = lock;
        ThreadPoolExecutor executor =
                new ThreadPoolExecutor(2, 2, 2, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "daybook-preparer");
                    thread.setDaemon(true);
                    return thread;
                });
        executor.allowCoreThreadTimeOut(true);
        this.preparer = executor;
    }

    @Override
    public boolean writable() {
        return lock != null;
    }

    /** Removes files whose writer did not finish. A spare segment is large, which takes its time, so nobody waits for that one. */
    void removeUnfinished() throws IOException {
        for (String folder : List.of("", "journal", "heads", FilesystemDriver.VIEWS)) {
            Path path = directory.resolve(folder);
            for (String name : disk.list(path)) {
                if (name.equals(SPARE)) {
                    leftover = true;
                    preparer.execute(this::dropLeftover);
                } else if (name.endsWith(TEMPORARY) || name.contains(TEMPORARY + "-")) { // of SQLite: .db.tmp-wal
                    disk.delete(path.resolve(name));
                }
            }
        }
    }

    private synchronized void dropLeftover() {
        if (leftover) {
            leftover = false;
            drop(directory.resolve("journal").resolve(SPARE));
        }
    }

    @Override
    public Optional<byte[]> manifest() throws IOException {
        Path file = directory.resolve(FilesystemDriver.MANIFEST);
        if (!disk.exists(file)) {
            return Optional.empty();
        }
        return Optional.of(disk.readSmall(file, MANIFEST_BYTES_MAX));
    }

    @Override
    public void manifest(byte[] text) throws IOException {
        replace(directory, FilesystemDriver.MANIFEST, true, true, ByteBuffer.wrap(text));
    }

    @Override
    public List<SegmentId> segments() throws IOException {
        TreeMap<Long, SegmentId> newest = new TreeMap<>();
        for (String name : disk.list(directory.resolve("journal"))) {
            if (name.endsWith(SEGMENT_SUFFIX)) {
                SegmentId id = parse(name);
                newest.merge(id.first(), id, (a, b) -> a.generation() > b.generation() ? a : b);
            }
        }
        return new ArrayList<>(newest.values());
    }

    private SegmentId parse(String name) {
        String stem = name.substring(0, name.length() - SEGMENT_SUFFIX.length());
        try {
            SegmentId id = new SegmentId(Long.parseLong(stem.substring(0, 20)), Integer.parseInt(stem.substring(21)));
            if (id.toString().equals(stem)) {
                return id;
            }
        } catch (RuntimeException e) {
            // falls through: the name says nothing we wrote
        }
        throw new dev.daybook.CorruptJournalException(
                directory.resolve("journal").resolve(name).toString(), 0, 0, 0, "no segment has a name like this");
    }

    private Path file(SegmentId id) {
        return directory.resolve("journal").resolve(id + SEGMENT_SUFFIX);
    }

    @Override
    public Segment open(SegmentId id) throws IOException {
        return Shield.run(() -> new FilesystemSegment(id, file(id), disk, disk.open(file(id), writable()), this));
    }

    @Override
    public Segment create(SegmentId id, ByteBuffer header) throws IOException {
        Path file = file(id);
        Path folder = directory.resolve("journal");
        Path temporary = folder.resolve(id + SEGMENT_SUFFIX + TEMPORARY);
        @Nullable DiskFile draft = null;
        try {
            if (disk.exists(file)) {
                throw new FileAlreadyExistsException(file.toString());
            }
            Spare prepared = spare;
            spare = null;
            draft = prepared == null ? null : prepared.take(temporary);
            if (draft == null) {
                disk.delete(temporary);
                draft = disk.create(temporary);
            }
            draft.write(0, header.duplicate());
            draft.sync();
            disk.syncDirectory(folder); // what can fail for want of descriptors fails here, where nothing has changed
            disk.rename(temporary, file); // under its final name a segment always has its whole header
        } catch (IOException e) {
            if (draft != null) {
                draft.close();
            }
            drop(temporary);
            throw new SpaceException("cannot begin segment " + file + ": " + e.getMessage(), e);
        }
        try {
            disk.syncDirectory(folder);
            return new FilesystemSegment(id, file, disk, draft, this);
        } catch (IOException e) {
            draft.close();
            throw e; // whether the name lasts is unknown, so this is final (I7)
        }
    }

    @Override
    public void expect(long bytes, boolean syncs) {
        segmentBytes = bytes;
        syncsGroups = syncs;
    }

    long segmentBytes() {
        return segmentBytes;
    }

    boolean syncsGroups() {
        return syncsGroups;
    }

    ExecutorService preparer() {
        return preparer;
    }

    /** The segment that is being written has grown to this: the next one's file keeps pace. */
    void wroteUpTo(long upTo) {
        long bytes = segmentBytes;
        if (upTo < LARGE || bytes < SPARE_BYTES_MIN || bytes == Long.MAX_VALUE || !syncsGroups) {
            return;
        }
        if (spare == null) {
            synchronized (this) {
                leftover = false; // its file is used anew
            }
            spare = new Spare(directory.resolve("journal").resolve(SPARE), disk, preparer, bytes);
        }
        spare.reach((long) ((double) (upTo - LARGE) / (bytes - LARGE) * bytes) + LARGE);
    }

    private void drop(Path file) {
        try {
            disk.delete(file);
        } catch (IOException e) {
            // Its name is temporary: the next opening removes it.
        }
    }

    @Override
    public void settle() throws IOException {
        disk.syncDirectory(directory.resolve("journal"));
        disk.syncDirectory(directory);
    }

    @Override
    public void remove(SegmentId id) throws IOException {
        disk.delete(file(id));
        disk.syncDirectory(directory.resolve("journal"));
    }

    @Override
    public String setAside(String name, ByteBuffer bytes) throws IOException {
        Path folder = directory.resolve("aside");
        String free = name;
        for (int i = 2; disk.exists(folder.resolve(free)); i++) {
            free = name + "." + i;
        }
        replace(folder, free, true, true, bytes);
        return folder.resolve(free).toString();
    }

    /** Sidecars stand beside their segments; the rest of the derived data in folders of their own. */
    private Path derivedFolder(String folder) {
        return directory.resolve(folder.equals("index") ? "journal" : folder);
    }

    private static String fileName(String folder, String name) {
        return folder.equals("index") ? name + ".idx" : name;
    }

    @Override
    public List<String> derived(String folder) throws IOException {
        List<String> names = new ArrayList<>();
        for (String name : disk.list(derivedFolder(folder))) {
            if (!name.endsWith(TEMPORARY)) {
                if (!folder.equals("index")) {
                    names.add(name);
                } else if (name.endsWith(".idx")) {
                    names.add(name.substring(0, name.length() - 4));
                }
            }
        }
        return names;
    }

    @Override
    public Optional<ByteBuffer> derived(String folder, String name) throws IOException {
        return Shield.run(() -> {
            try (DiskFile file = disk.open(derivedFolder(folder).resolve(fileName(folder, name)), false)) {
                return Optional.of(file.map(file.size(), false));
            } catch (NoSuchFileException e) {
                return Optional.empty();
            }
        });
    }

    @Override
    public void derive(String folder, String name, ByteBuffer... bytes) throws IOException {
        Shield.run(() -> {
            // A sidecar states its checksum and one segment is soon read again; tables of heads stand on one another.
            boolean synced = !folder.equals("index");
            replace(derivedFolder(folder), fileName(folder, name), synced, false, bytes);
            return name;
        });
    }

    @Override
    public void warm(List<Piece> pieces) {
        new Prefetch(disk, this::file).fetch(pieces);
    }

    @Override
    public void dropDerived(String folder, String name) throws IOException {
        disk.delete(derivedFolder(folder).resolve(fileName(folder, name)));
    }

    /**
     * Writes a whole file under a temporary name and renames it.
     *
     * @param synced so that the name never stands for a half-written file, not even after a power cut
     * @param named whether the name, too, is durable on return
     */
    private void replace(Path folder, String name, boolean synced, boolean named, ByteBuffer... bytes)
            throws IOException {
        Path temporary = folder.resolve(name + TEMPORARY);
        disk.delete(temporary);
        try (DiskFile draft = disk.create(temporary)) {
            long at = 0;
            for (ByteBuffer part : bytes) {
                int length = part.remaining();
                draft.write(at, part.duplicate());
                at += length;
            }
            if (synced) {
                draft.sync();
            }
        } catch (IOException e) {
            drop(temporary);
            throw e;
        }
        disk.rename(temporary, folder.resolve(name));
        if (named) {
            disk.syncDirectory(folder);
        }
    }

    @Override
    public Optional<Path> folder(String name) {
        return disk.isReal() ? Optional.of(directory.resolve(name)) : Optional.empty();
    }

    @Override
    public Optional<ByteBuffer> shared(int bytes) throws IOException {
        Path file = directory.resolve(FilesystemDriver.WATERMARK);
        if (writable()) {
            // The same file is used on, so that readers that have it mapped see the new owner.
            if (!disk.exists(file) || size(file) != bytes) {
                replace(directory, FilesystemDriver.WATERMARK, true, false, ByteBuffer.allocate(bytes));
            }
            try (DiskFile shared = disk.open(file, true)) {
                return Optional.of(shared.map(bytes, true));
            }
        }
        return Shield.run(() -> {
            try (DiskFile shared = disk.open(file, false)) {
                return shared.size() == bytes ? Optional.of(shared.map(bytes, false)) : Optional.empty();
            } catch (NoSuchFileException e) {
                return Optional.empty();
            }
        });
    }

    private long size(Path file) throws IOException {
        try (DiskFile open = disk.open(file, false)) {
            return open.size();
        }
    }

    @Override
    public void close() throws IOException {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        preparer.shutdown();
        boolean interrupted = false;
        while (true) {
            try {
                if (preparer.awaitTermination(60, TimeUnit.SECONDS)) {
                    break;
                }
                throw new IOException("preparing space did not end in 60 s");
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (lock != null) {
            try {
                if (spare != null) {
                    spare.drop();
                }
            } finally {
                lock.close();
            }
        }
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%s", directory);
    }
}
