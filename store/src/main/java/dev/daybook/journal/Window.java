package dev.daybook.journal;

import dev.daybook.stream.Event;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What is needed of lines that are not copied out of a segment's window: where they end, whether their checksum is right, and the few fields
 * that nearly everybody asks for. The rest is read from a copy, with {@link Line}. What {@link Line} and {@link LineScanner} do with an array stands here
 * once more for a buffer: behind one interface for both, each byte would cost a call.
 */
public final class Window {
    private static final VarHandle LONGS = MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long DATA = Words.of(",\"data\":");
    private static final long BATCH = Words.of(",\"batch\":");

    private Window() {}

    private static long at(ByteBuffer window, int index) {
        return (long) LONGS.get(window, index);
    }

    /** Offset of the first LF in [from, to), or -1. */
    static int lineEnd(ByteBuffer window, int from, int to) {
        int i = from;
        // Four words at a time: lines are hundreds of bytes.
        while (i + 32 <= to
                && (Words.feeds(at(window, i))
                                | Words.feeds(at(window, i + 8))
                                | Words.feeds(at(window, i + 16))
                                | Words.feeds(at(window, i + 24)))
                        == 0) {
            i += 32;
        }
        for (; i + 8 <= to; i += 8) {
            long hit = Words.feeds(at(window, i));
            if (hit != 0) {
                return i + Words.first(hit);
            }
        }
        for (; i < to; i++) {
            if (window.get(i) == '\n') {
                return i;
            }
        }
        return -1;
    }

    /** Whether the line in [from, to), without its LF, ends with the right checksum. Moves the window's position. */
    static boolean check(CRC32C crc, byte[] storeId, ByteBuffer window, int from, int to) {
        int body = to - Line.CRC_TAIL;
        if (body <= from
                || window.get(from) != '{'
                || at(window, body) != Line.CRC
                || window.get(to - 2) != '"'
                || window.get(to - 1) != '}') {
            return false;
        }
        crc.reset();
        crc.update(storeId, 0, storeId.length);
        crc.update(window.limit(body).position(from));
        window.clear();
        return at(window, body + 8) == Words.hex((int) crc.getValue());
    }

    /** As {@link Line#position}. */
    static long position(ByteBuffer window, int from) {
        return window.get(from + 2) == 'p' && window.get(from + 3) == 'o' ? number(window, from + 7) : -1;
    }

    /** The number that stands here, up to what is no digit. */
    public static long number(ByteBuffer window, int from) {
        long value = 0;
        for (int i = from; ; i++) {
            int digit = window.get(i) - '0';
            if (digit < 0 || digit > 9) {
                return value;
            }
            value = value * 10 + digit;
        }
    }

    /** The line in [from, to), which has this position, as an event; null when it is a control record. */
    static @Nullable Event event(ByteBuffer window, int from, int to, long pos) {
        int i = skipDigits(window, from + 7) + 10; // ,"synced":
        i = skipDigits(window, i) + 9; // ,"time":"
        i += dev.daybook.internal.time.Timestamps.LENGTH + 1;
        if (window.get(i + 2) != 's' || window.get(i + 3) != 't') {
            return null; // no stream: a mark
        }
        i = skipString(window, i + 10); // ,"stream":
        return window.get(i + 2) == 's' ? new Event(window, from, to, pos, i + 7) : null; // ,"seq":
    }

    /** The payload of an event whose line ends here, if it is JSON and nothing unusual stands before it. */
    public static @Nullable ByteBuffer payload(ByteBuffer window, int seqAt, int to) {
        int i = skipString(window, skipDigits(window, seqAt) + 8); // ,"type":
        if (at(window, i) == BATCH) {
            i += 9;
            while (window.get(i++) != ']') {}
        }
        if (at(window, i) != DATA) {
            return null;
        }
        ByteBuffer payload = window.slice(i + 8, to - Line.CRC_TAIL - i - 8);
        return payload.isReadOnly() ? payload : payload.asReadOnlyBuffer();
    }

    private static int skipDigits(ByteBuffer window, int from) {
        int i = from;
        while (window.get(i) >= '0' && window.get(i) <= '9') {
            i++;
        }
        return i;
    }

    /** Offset behind the JSON string that begins here. */
    private static int skipString(ByteBuffer window, int from) {
        int i = from + 1;
        while (window.get(i) != '"') {
            i += window.get(i) == '\\' ? 2 : 1;
        }
        return i + 1;
    }
}
