package dev.daybook.journal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Text, eight bytes at a time: the first byte is the lowest. Going through lines byte by byte would cost more than all that is done with them. */
final class Words {
    private static final VarHandle IN_ARRAY =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long ONES = 0x0101010101010101L;
    private static final long LINE_FEEDS = ONES * '\n';

    private Words() {}

    static long at(byte[] bytes, int index) {
        return (long) IN_ARRAY.get(bytes, index);
    }

    static void put(byte[] bytes, int index, long word) {
        IN_ARRAY.set(bytes, index, word);
    }

    /** A word of eight ASCII characters. */
    static long of(String eight) {
        long word = 0;
        for (int i = 7; i >= 0; i--) {
            word = word << 8 | eight.charAt(i);
        }
        return word;
    }

    /** The high bit of each byte that is an LF, and perhaps of some behind the first one. */
    static long feeds(long word) {
        long x = word ^ LINE_FEEDS;
        return (x - ONES) & ~x & ONES << 7;
    }

    /** Which byte the first of these marks stands for. */
    static int first(long marks) {
        return Long.numberOfTrailingZeros(marks) >>> 3;
    }

    /** Eight hexadecimal digits, in small letters, the most significant one first. */
    static long hex(int value) {
        long x = value & 0xffffffffL;
        x = (x | x << 16) & 0x0000ffff0000ffffL;
        x = (x | x << 8) & 0x00ff00ff00ff00ffL;
        x = (x | x << 4) & 0x0f0f0f0f0f0f0f0fL; // a digit in each byte
        long letters = (x + ONES * 6) >>> 4 & ONES; // 10 and more
        return Long.reverseBytes(x + ONES * '0' + letters * ('a' - '0' - 10));
    }
}
