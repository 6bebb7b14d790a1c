package dev.daybook.internal.disk;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The few things Daybook asks of a file system, in terms of what survives a power cut.
 *
 * <p>Nothing is durable on return of any method except where it says so: bytes of a file are after {@link DiskFile#sync()}, names
 * in a directory after {@link #syncDirectory(Path)}. New files have mode 0600 and new directories 0700, whatever the umask.
 * Implementations are thread-safe. An interrupt of the calling thread never closes a file.
 */
public interface Disk {

    /** Makes a directory and its parents; the names are durable on return. Existing ones are left as they are. */
    void createDirectories(Path directory) throws IOException;

    /** Makes a new, empty file for reading and writing. Fails with {@link java.nio.file.FileAlreadyExistsException}. */
    DiskFile create(Path file) throws IOException;

    /** Opens an existing file; fails with {@link java.nio.file.NoSuchFileException}. A symbolic link is refused. */
    DiskFile open(Path file, boolean writable) throws IOException;

    boolean exists(Path file);

    boolean isDirectory(Path file);

    /** Names in a directory, sorted; empty when it does not exist. */
    List<String> list(Path directory) throws IOException;

    /** Whether its paths mean the same to everybody else in this process, so that a library can open its files. */
    default boolean isReal() {
        return false;
    }

    /** Atomically gives a file another name, in place of whatever had it. */
    void rename(Path from, Path to) throws IOException;

    void delete(Path file) throws IOException;

    /** Makes the names in this directory durable. */
    void syncDirectory(Path directory) throws IOException;

    /**
     * Tries to become the only holder of this lock file among all processes and within this one. Returns null when another
     * has it.
     */
    @Nullable
    DiskLock tryLock(Path file) throws IOException;

    /** What the holder of a lock file said of itself, or nothing. */
    default byte[] lockOwner(Path file) throws IOException {
        return readSmall(file, 4_096);
    }

    /** The bytes of a small file. */
    byte[] readSmall(Path file, int bytesMax) throws IOException;

    /** An open file. */
    interface DiskFile extends Closeable {
        long size() throws IOException;

        /** Reads until the buffer is full or the file ends; returns how many bytes it read. */
        int read(long offset, ByteBuffer into) throws IOException;

        /** Writes all remaining bytes. */
        void write(long offset, ByteBuffer bytes) throws IOException;

        /** Makes the file's bytes and size durable. A failure is final: the caller must not try again. */
        void sync() throws IOException;

        void truncate(long size) throws IOException;

        /**
         * A window on the file's first bytes that shows later writes too. It stays readable after the file is closed or
         * deleted.
         *
         * @param writable a window through which the process also writes; what is written through it is not made durable
         */
        ByteBuffer map(long size, boolean writable) throws IOException;

        @Override
        void close() throws IOException;
    }

    /** The right to write. */
    interface DiskLock extends Closeable {
        /** Replaces the text in the lock file that names its owner. */
        void describe(byte[] text) throws IOException;

        @Override
        void close() throws IOException;
    }
}
