package dev.daybook.internal.run;

import java.security.SecureRandom;

/** Ids that sort by the time at which they were made: 48 bits of milliseconds and 80 random ones, in 26 characters. Thread-safe. */
final class Ulid {
    private static final String DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private static final int LENGTH = 26;
    private static final long MILLIS_MAX = (1L << 48) - 1;

    /** Made when the first id is: it takes longer than a short command. */
    private static final class Source {
        static final SecureRandom RANDOM = new SecureRandom();
    }

    // The last one, so that those of one millisecond sort, too. Guarded by this.
    private long millis = -1;
    private long high; // 16 bits
    private long low; // 64 bits

    synchronized String next(long nowMillis) {
        if (nowMillis > millis) {
            millis = Math.min(nowMillis, MILLIS_MAX);
            high = Source.RANDOM.nextInt(1 << 15); // half of the room is left for those that follow
            low = Source.RANDOM.nextLong();
        } else if (++low == 0) {
            high++;
        }
        char[] text = new char[LENGTH];
        long left = millis;
        for (int i = 9; i >= 0; i--) {
            text[i] = DIGITS.charAt((int) (left & 31));
            left >>>= 5;
        }
        long upper = high << 24 | low >>> 40; // 40 bits, and 40 more
        long lower = low & (1L << 40) - 1;
        for (int i = 7; i >= 0; i--) {
            text[10 + i] = DIGITS.charAt((int) (upper & 31));
            text[18 + i] = DIGITS.charAt((int) (lower & 31));
            upper >>>= 5;
            lower >>>= 5;
        }
        return new String(text);
    }
}
