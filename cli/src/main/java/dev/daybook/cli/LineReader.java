package dev.daybook.cli;

import dev.daybook.InvalidEventException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Splits bytes into lines at LF; a CR before it is dropped, and the last line needs none. Hands out a line as soon as it is complete, and
 * refuses one that is too long before it is in memory.
 */
final class LineReader {
    private final InputStream in;
    private final int lineBytesMax;
    private final byte[] read;
    private int from;
    private int to;
    private byte[] line = new byte[256];
    private long number;

    LineReader(InputStream in, int readBytes, int lineBytesMax) {
        this.in = in;
        this.read = new byte[readBytes];
        this.lineBytesMax = lineBytesMax;
    }

    /** Number of the line that {@link #next} returned or refused last, from 1. */
    long number() {
        return number;
    }

    /**
     * The next line without its end; null at the end of the input.
     *
     * @throws InvalidEventException when it is too long
     */
    byte @Nullable [] next() throws IOException {
        int length = 0;
        boolean begun = false;
        while (true) {
            if (from == to) {
                from = 0;
                to = Math.max(0, in.read(read, 0, read.length));
                if (to == 0) {
                    return begun ? line(length) : null;
                }
            }
            if (!begun) {
                begun = true;
                number++;
            }
            int at = from;
            while (at < to && read[at] != '\n') {
                at++;
            }
            length = keep(length, at);
            from = at;
            if (at < to) {
                from++;
                return line(length);
            }
        }
    }

    private int keep(int length, int end) {
        int count = end - from;
        if (count > lineBytesMax + 1 - length) { // one more, for a CR
            throw tooLong();
        }
        if (length + count > line.length) {
            line = Arrays.copyOf(line, Math.min(Math.max(2 * line.length, length + count), lineBytesMax + 1));
        }
        System.arraycopy(read, from, line, length, count);
        return length + count;
    }

    private byte[] line(int length) {
        int end = length > 0 && line[length - 1] == '\r' ? length - 1 : length;
        if (end > lineBytesMax) {
            throw tooLong();
        }
        return Arrays.copyOf(line, end);
    }

    private InvalidEventException tooLong() {
        return new InvalidEventException("data", -1, "longer than " + lineBytesMax + " bytes");
    }
}
