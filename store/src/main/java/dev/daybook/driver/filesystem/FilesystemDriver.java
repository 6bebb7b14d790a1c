package dev.daybook.driver.filesystem;

import dev.daybook.StoreLockedException;
import dev.daybook.driver.Driver;
import dev.daybook.driver.Storage;
import dev.daybook.internal.disk.Disk;
import dev.daybook.internal.disk.Disk.DiskLock;
import dev.daybook.internal.disk.NioDisk;
import dev.daybook.internal.time.Timestamps;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Keeps a journal in the files of one directory, laid out as {@code docs/format/journal.md} says. */
public final class FilesystemDriver implements Driver {
    static final String MANIFEST = "store.json";
    static final String LOCK = "lock";
    static final String WATERMARK = "watermark";
    static final String VIEWS = "views"; // made when a view is
    static final List<String> FOLDERS = List.of("journal", "heads", "aside");

    private final Path directory;
    private final Disk disk;

    public FilesystemDriver(Path directory) {
        this(directory, new NioDisk());
    }

    /** @param disk the file system; a test may give one that lies */
    public FilesystemDriver(Path directory, Disk disk) {
        this.directory = directory;
        this.disk = disk;
    }

    @Override
    public String name() {
        return "filesystem";
    }

    @Override
    public int version() {
        return 1;
    }

    @Override
    public int appendBytesMax() {
        return 64 << 20;
    }

    @Override
    public String location() {
        return directory.toString();
    }

    @Override
    public Storage openForWriting(Duration lockTimeout) throws IOException {
        if (disk.exists(directory) && !disk.isDirectory(directory)) {
            throw new NotDirectoryException(directory + " is not a directory");
        }
        boolean complete = disk.exists(directory.resolve(MANIFEST)); // it is written last
        if (!complete) {
            disk.createDirectories(directory);
        }
        DiskLock lock = lock(lockTimeout);
        try {
            for (String folder : FOLDERS) {
                if (!complete || !disk.exists(directory.resolve(folder))) {
                    disk.createDirectories(directory.resolve(folder));
                }
            }
            FilesystemStorage storage = new FilesystemStorage(directory, disk, lock);
            storage.removeUnfinished();
            return storage;
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    private DiskLock lock(Duration timeout) throws IOException {
        Path file = directory.resolve(LOCK);
        long began = System.nanoTime();
        long pauseMillis = 1;
        while (true) {
            @Nullable DiskLock lock = disk.tryLock(file);
            if (lock != null) {
                try {
                    lock.describe(owner().getBytes(StandardCharsets.UTF_8));
                    return lock;
                } catch (IOException e) {
                    lock.close();
                    throw e;
                }
            }
            long waited = (System.nanoTime() - began) / 1_000_000;
            if (waited >= timeout.toMillis()) {
                throw new StoreLockedException(location(), ownerOf(file), waited);
            }
            try {
                Thread.sleep(Math.min(pauseMillis, Math.max(1, timeout.toMillis() - waited)));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StoreLockedException(location(), ownerOf(file), waited);
            }
            pauseMillis = Math.min(20, pauseMillis * 2);
        }
    }

    private static String owner() {
        ProcessHandle self = ProcessHandle.current();
        String host;
        try {
            host = InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            host = "localhost";
        }
        Instant started = self.info().startInstant().orElseGet(Instant::now);
        return "pid " + self.pid() + " on " + host + ", started " + Timestamps.format(Timestamps.micros(started));
    }

    private String ownerOf(Path file) {
        try {
            String text = new String(disk.lockOwner(file), StandardCharsets.UTF_8);
            return text.isBlank() ? "owner not stated" : text;
        } catch (IOException e) {
            return "owner not readable: " + e.getMessage();
        }
    }

    @Override
    public Storage openForReading() throws IOException {
        if (!disk.exists(directory.resolve(MANIFEST))
                && disk.list(directory.resolve("journal")).isEmpty()) {
            throw new NoSuchFileException(directory + " is not a store: it has no " + MANIFEST);
        }
        return new FilesystemStorage(directory, disk, null);
    }

    @Override
    public void destroy(Duration lockTimeout) throws IOException {
        if (!disk.exists(directory)) {
            return;
        }
        boolean begun = disk.exists(directory.resolve(LOCK)) && disk.isDirectory(directory.resolve("journal"));
        if (!begun && !disk.exists(directory.resolve(MANIFEST))) {
            throw new IOException(directory + " is not a store: it has no " + MANIFEST + "; nothing was removed");
        }
        try (DiskLock lock = lock(lockTimeout)) {
            // The description goes first: what is left of a destroy that was cut short is not a store.
            disk.delete(directory.resolve(MANIFEST));
            disk.syncDirectory(directory);
            for (String folder :
                    Stream.concat(FOLDERS.stream(), Stream.of(VIEWS)).toList()) {
                Path path = directory.resolve(folder);
                for (String name : disk.list(path)) {
                    disk.delete(path.resolve(name));
                }
                if (disk.exists(path)) {
                    disk.delete(path);
                }
            }
            disk.delete(directory.resolve(WATERMARK));
            disk.delete(directory.resolve(WATERMARK + ".tmp"));
            disk.delete(directory.resolve(MANIFEST + ".tmp"));
            disk.delete(directory.resolve(LOCK)); // while it is held: whoever waits for it notices
        }
        if (disk.list(directory).isEmpty()) {
            disk.delete(directory);
        }
    }
}
