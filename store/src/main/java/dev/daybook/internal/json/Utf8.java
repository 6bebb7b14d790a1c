package dev.daybook.internal.json;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Strict UTF-8: the shortest form only, no surrogates, nothing above U+10FFFF. Eight bytes at a time where ASCII. */
final class Utf8 {
    /** Eight bytes as a long, the first byte lowest, at any alignment. */
    static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    static final long HIGH_BITS = 0x8080808080808080L;

    private Utf8() {}

    /** First byte of the first malformed sequence in {@code [from, to)}, or -1. */
    static int firstInvalid(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to) {
            if (at <= to - Long.BYTES) {
                long high = (long) LONG.get(bytes, at) & HIGH_BITS;
                if (high == 0) {
                    at += Long.BYTES;
                    continue;
                }
                at += Long.numberOfTrailingZeros(high) >>> 3;
            }
            if (bytes[at] >= 0) {
                at++;
                continue;
            }
            int end = endOfSequence(bytes, at, to);
            if (end < 0) {
                return at;
            }
            at = end;
        }
        return -1;
    }

    /** End of the sequence whose first byte, at {@code at}, is not ASCII; -1 if it is malformed or cut off. */
    static int endOfSequence(byte[] bytes, int at, int to) {
        int first = bytes[at] & 0xFF;
        if (first < 0xE0) {
            // 0x80 to 0xBF continue nothing here; 0xC0 and 0xC1 would only encode ASCII a second way.
            return first >= 0xC2 && at + 1 < to && continues(bytes[at + 1]) ? at + 2 : -1;
        }
        if (first < 0xF0) {
            if (to - at < 3 || !continues(bytes[at + 1]) || !continues(bytes[at + 2])) {
                return -1;
            }
            int codePoint = ((first & 0x0F) << 12) | ((bytes[at + 1] & 0x3F) << 6) | (bytes[at + 2] & 0x3F);
            return codePoint >= 0x800 && (codePoint < 0xD800 || codePoint > 0xDFFF) ? at + 3 : -1;
        }
        if (first > 0xF4
                || to - at < 4
                || !continues(bytes[at + 1])
                || !continues(bytes[at + 2])
                || !continues(bytes[at + 3])) {
            return -1;
        }
        int topBits = ((first & 0x07) << 6) | (bytes[at + 1] & 0x3F); // the code point without its low 12 bits
        return topBits >= 0x10 && topBits <= 0x10F ? at + 4 : -1;
    }

    private static boolean continues(byte b) {
        return b < (byte) 0xC0;
    }
}
