package dev.daybook.journal;

import dev.daybook.stream.Event;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Goes through the lines of a segment in order, each with its checksum verified. Copies the segment in pieces to the heap; but whoever goes
 * through much of a window gets lines that were verified by {@link ReadAhead} and are copied only when their bytes are asked for. Not thread-safe.
 */
final class LineScanner {
    private static final int CHUNK = 128 << 10;

    private static final byte[] NOTHING = {};

    /** After this much it is likely that all of it will be read. */
    private static final int SEQUENTIAL = 1 << 20;

    /** What {@link #next} found. */
    enum Found {
        LINE,
        /** No byte is left, or nothing but prepared space (spaces). */
        END,
        /** Bytes that are no good line begin at {@link #offset()}; {@link #reason()} says why. */
        BAD
    }

    /** Where the bytes come from. */
    @FunctionalInterface
    interface Source {
        /** Fills the range of the array as far as there are bytes; returns how many. */
        int read(int at, byte[] into, int from, int length);
    }

    private final Source source;
    private int limit;
    private final byte[] storeId;
    private final CRC32C crc = new CRC32C();

    private final boolean reuses; // the chunk, so that no line may be kept
    private byte[] chunk = NOTHING;
    private int chunkAt; // offset of chunk[0] in the segment
    private int chunkLength;
    private int from; // of the current line, in the chunk
    private int to;
    private int nextAt; // offset in the segment
    private String reason = "";

    // Reading ahead: lines that are verified already, and copied only for who asks for their bytes.
    private final @Nullable ByteBuffer view;
    private @Nullable ReadAhead ahead;
    private int aheadFrom;
    private int[] lineEnds = {};
    private int lines;
    private int line;
    private boolean uncopied; // the current line
    private int lineFrom; // of it, in the segment
    private int lineTo;

    /**
     * Reads through a window.
     *
     * @param limit the offset at which to stop; not behind the lines that are known to be there
     * @param sequential whether all of it will probably be read
     */
    LineScanner(ByteBuffer view, int at, int limit, byte[] storeId, boolean sequential) {
        this(window(view), at, Math.min(limit, view.capacity()), storeId, view, false);
        this.aheadFrom = sequential ? at : at + SEQUENTIAL;
    }

    static Source window(ByteBuffer view) {
        return (offset, into, from, length) -> {
            int there = Math.min(length, view.capacity() - offset);
            view.get(offset, into, from, there);
            return there;
        };
    }

    /** Reads until the limit or the end of what the source has. */
    LineScanner(Source source, int at, int limit, byte[] storeId) {
        this(source, at, limit, storeId, null, false);
    }

    /** Reads all of it for who keeps no line: the array that holds one is used again for later ones. */
    static LineScanner passing(Source source, int limit, byte[] storeId) {
        return new LineScanner(source, 0, limit, storeId, null, true);
    }

    private LineScanner(Source source, int at, int limit, byte[] storeId, @Nullable ByteBuffer view, boolean reuses) {
        this.view = view;
        this.reuses = reuses;
        this.source = source;
        this.limit = limit;
        this.storeId = storeId;
        this.nextAt = at;
        this.chunkAt = at;
    }

    /** The array that holds the current line. It is not reused: lines may be kept. */
    byte[] bytes() {
        copy();
        return chunk;
    }

    int from() {
        copy();
        return from;
    }

    /** End of the current line, its LF not included. */
    int to() {
        copy();
        return to;
    }

    private void copy() {
        ByteBuffer window = view;
        if (uncopied && window != null) {
            uncopied = false;
            chunk = new byte[lineTo - lineFrom];
            window.get(lineFrom, chunk);
            chunkAt = lineFrom;
            chunkLength = chunk.length;
            from = 0;
            to = chunkLength;
        }
    }

    /** As {@link Line#position}, of the current line. */
    long position() {
        ByteBuffer window = view;
        return uncopied && window != null ? Window.position(window, lineFrom) : Line.position(chunk, from);
    }

    /** The current line, which has this position, as an event; null when it is a control record. */
    @Nullable
    Event event(long pos) {
        ByteBuffer window = view;
        if (uncopied && window != null) {
            return Window.event(window, lineFrom, lineTo, pos);
        }
        return JournalCursor.isEvent(chunk, from) ? new Event(chunk, from, to, pos) : null;
    }

    /** Byte offset of the current line, or of what is bad, in the segment. */
    int offset() {
        return uncopied ? lineFrom : chunkAt + from;
    }

    /** Byte offset behind the current line and its LF. */
    int nextOffset() {
        return nextAt;
    }

    String reason() {
        return reason;
    }

    Found next() {
        if (line < lines || view != null && nextAt >= aheadFrom && piece(view)) {
            lineFrom = nextAt;
            lineTo = lineEnds[line++];
            nextAt = lineTo + 1;
            uncopied = true;
            return Found.LINE;
        }
        uncopied = false;
        from = nextAt - chunkAt;
        int end = lineEnd(chunk, from, chunkLength);
        while (end < 0) {
            if (from < chunkLength && chunk[from] == ' ' && onlySpaces()) {
                return Found.END;
            }
            if (!more()) {
                return rest();
            }
            end = lineEnd(chunk, from, chunkLength);
        }
        to = end;
        if (to - from < Line.CRC_TAIL || !Line.check(crc, storeId, chunk, from, to)) {
            reason = to == from ? "a blank line" : "the checksum does not fit the line";
            return Found.BAD;
        }
        nextAt = chunkAt + end + 1;
        return Found.LINE;
    }

    /** Goes on to the next piece that was read ahead. False when there is none: then line by line for a while. */
    private boolean piece(ByteBuffer window) {
        ReadAhead reading = ahead;
        if (reading == null) {
            reading = new ReadAhead(window, nextAt, limit, storeId);
            ahead = reading;
        }
        ReadAhead.Piece piece = reading.next();
        while (piece != null && piece.lines == 0) {
            piece = reading.next();
        }
        if (piece == null) {
            ahead = null;
            aheadFrom = nextAt + SEQUENTIAL;
            chunk = NOTHING;
            chunkAt = nextAt;
            chunkLength = 0;
            return false;
        }
        lineEnds = piece.lineEnds;
        lines = piece.lines;
        line = 0;
        return true;
    }

    /** After BAD: looks for the next good line behind it. True when there is one; it is then the current line. */
    boolean skipBad() {
        while (true) {
            int end = lineEnd(chunk, from, chunkLength);
            while (end < 0) {
                if (!more()) {
                    nextAt = limit;
                    return false;
                }
                end = lineEnd(chunk, from, chunkLength);
            }
            nextAt = chunkAt + end + 1;
            from = end + 1;
            if (next() == Found.LINE) {
                return true;
            }
            if (nextAt >= limit || from >= chunkLength && chunkAt + chunkLength >= limit) {
                return false;
            }
        }
    }

    /** Whether the segment ends in a line end: it is cut right behind its seal, and only once the seal is durable. */
    boolean endsInLine() {
        byte[] piece = new byte[64 << 10];
        byte last = 0;
        int at = chunkAt + from;
        for (int read = source.read(at, piece, 0, piece.length);
                read > 0;
                read = source.read(at, piece, 0, piece.length)) {
            last = piece[read - 1];
            at += read;
        }
        return last == '\n';
    }

    /** Whether nothing but prepared space is left. It can be much, so it is not gathered. */
    private boolean onlySpaces() {
        for (int i = from; i < chunkLength; i++) {
            if (chunk[i] != ' ') {
                return false;
            }
        }
        byte[] piece = new byte[64 << 10];
        for (int at = chunkAt + chunkLength; at < limit; ) {
            int read = source.read(at, piece, 0, Math.min(piece.length, limit - at));
            if (read <= 0) {
                return true;
            }
            for (int i = 0; i < read; i++) {
                if (piece[i] != ' ') {
                    return false;
                }
            }
            at += read;
        }
        return true;
    }

    /** No LF is left: prepared space, or the beginning of a line that was never finished. */
    private Found rest() {
        to = chunkLength;
        for (int i = from; i < chunkLength; i++) {
            if (chunk[i] != ' ') {
                reason = "the line does not end";
                return Found.BAD;
            }
        }
        return Found.END;
    }

    /** Index of the first LF in b[start, length), or -1. */
    static int lineEnd(byte[] b, int start, int length) {
        int i = start;
        // Four words at a time: lines are hundreds of bytes.
        while (i + 32 <= length
                && (Words.feeds(Words.at(b, i))
                                | Words.feeds(Words.at(b, i + 8))
                                | Words.feeds(Words.at(b, i + 16))
                                | Words.feeds(Words.at(b, i + 24)))
                        == 0) {
            i += 32;
        }
        for (; i + 8 <= length; i += 8) {
            long hit = Words.feeds(Words.at(b, i));
            if (hit != 0) {
                return i + Words.first(hit);
            }
        }
        for (; i < length; i++) {
            if (b[i] == '\n') {
                return i;
            }
        }
        return -1;
    }

    /** Makes the chunk reach further, beginning with the current line. False when there is nothing more. */
    private boolean more() {
        int have = chunkLength - from;
        int start = chunkAt + from;
        int reached = start + have;
        if (reached >= limit) {
            return false;
        }
        int size = Math.min(limit - start, Math.max(CHUNK, have * 2));
        byte[] wider = reuses && size <= chunk.length ? chunk : new byte[size];
        System.arraycopy(chunk, from, wider, 0, have);
        int read = source.read(reached, wider, have, size - have);
        if (read < size - have) {
            limit = reached + read;
        }
        chunk = wider;
        chunkAt = start;
        chunkLength = have + read;
        from = 0;
        return read > 0;
    }
}
