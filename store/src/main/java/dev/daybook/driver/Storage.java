package dev.daybook.driver;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** An open place of a {@link Driver}. Closing it gives back the lock; segments opened from it are closed by their users. */
public interface Storage extends Closeable {

    boolean writable();

    /** The store's own description, or empty when the place is new. */
    Optional<byte[]> manifest() throws IOException;

    /** Replaces the description atomically; durable on return. */
    void manifest(byte[] text) throws IOException;

    /** Segments by first position, of each only the newest generation. */
    List<SegmentId> segments() throws IOException;

    /** Opens an existing segment. Only the newest one may be written to. */
    Segment open(SegmentId id) throws IOException;

    /**
     * Makes a segment that begins with these bytes. On return it is durable and listed.
     *
     * @throws SpaceException when there is no room for it; nothing has changed. Any other failure leaves open whether it is there
     */
    Segment create(SegmentId id, ByteBuffer header) throws IOException;

    /**
     * Tells that these bytes will be read soon. A place where a single read is slow can fetch them together. Returns when it has; never
     * fails, also when there are no such bytes; does nothing by default.
     */
    default void warm(List<Piece> pieces) {}

    /** Some bytes of a segment. */
    record Piece(SegmentId segment, long offset, int length) {}

    /**
     * Tells what is coming, so that space can be prepared for it.
     *
     * @param segmentBytes how large segments become
     * @param syncsGroups whether every group is synced before it is acknowledged
     */
    default void expect(long segmentBytes, boolean syncsGroups) {}

    /** Removes a segment; durable on return. */
    void remove(SegmentId id) throws IOException;

    /**
     * Makes durable what is listed: a writer that was killed may have begun a segment whose name is not. For a writer, before anything is served after
     * an unclean end.
     */
    default void settle() throws IOException {}

    /** Keeps bytes that a recovery cut off, for a human. Durable on return. Returns where they are. */
    String setAside(String name, ByteBuffer bytes) throws IOException;

    /** Names of derived data below a folder ({@code heads}, {@code index}), sorted. */
    List<String> derived(String folder) throws IOException;

    /** Derived data as it was stored, or empty. It may be anything: whoever reads it checks it. */
    Optional<ByteBuffer> derived(String folder, String name) throws IOException;

    /** Stores derived data atomically. It may be lost at any time, and torn by a power cut. */
    void derive(String folder, String name, ByteBuffer... bytes) throws IOException;

    void dropDerived(String folder, String name) throws IOException;

    /** Where a folder for derived files is that others keep (SQLite), or would be; empty when this place has no files that others could open. */
    default Optional<Path> folder(String name) {
        return Optional.empty();
    }

    /**
     * A small piece of memory shared by the writer and all readers of this place, or empty when a reader finds none. What the
     * writer puts there may be lost.
     */
    Optional<ByteBuffer> shared(int bytes) throws IOException;

    @Override
    void close() throws IOException;
}
