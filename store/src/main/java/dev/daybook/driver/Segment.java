package dev.daybook.driver;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/** An open segment. One thread writes; any number of threads look. */
public interface Segment extends Closeable {

    SegmentId id();

    /** Bytes that can be looked at: lines, and the space prepared behind them. */
    long size() throws IOException;

    /**
     * A read-only window on the bytes from the beginning to {@link #size()} as it is now. Later writes into that range show in it.
     * It stays good after the segment is closed or removed. It may be cached: asking again is cheap.
     */
    ByteBuffer view() throws IOException;

    /**
     * Reads until the buffer is full or the segment ends; returns how many bytes. For bytes whose end is not known: a window
     * must not be looked at behind the lines, since what is prepared there may be cut off meanwhile.
     */
    int read(long offset, ByteBuffer into) throws IOException;

    /**
     * Makes sure that bytes up to this offset can be written without asking the place for room, and does so ahead of
     * the writer where that is cheaper. What is prepared reads as spaces.
     *
     * @throws SpaceException when there is no room; nothing has changed and it can be tried again
     */
    void prepare(long upTo) throws IOException;

    /** Writes inside the prepared range. A failure is final for this segment. */
    void write(long offset, ByteBuffer lines) throws IOException;

    /** Everything written is durable on return. A failure is final, and a second try would lie. */
    void sync() throws IOException;

    /**
     * Ends the segment: writes these bytes at the offset, makes them durable, and then cuts what is behind them, durably too. So if
     * nothing is behind them, they are whole. A failure is final.
     */
    void end(long offset, ByteBuffer last) throws IOException;

    @Override
    void close() throws IOException;
}
