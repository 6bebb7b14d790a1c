package dev.daybook.journal;

import dev.daybook.internal.time.Timestamps;
import java.time.Instant;

/** A caller's time as microseconds; what no line can have becomes the nearest that one can. */
final class Times {
    private Times() {}

    /** The first microsecond at or after this time. */
    static long floor(Instant time) {
        if (time.getEpochSecond() < Timestamps.MICROS_MIN / 1_000_000) {
            return Timestamps.MICROS_MIN;
        }
        if (time.getEpochSecond() > Timestamps.MICROS_MAX / 1_000_000) {
            return Timestamps.MICROS_MAX + 1;
        }
        return Timestamps.micros(time) + (time.getNano() % 1_000 == 0 ? 0 : 1);
    }

    /** The first microsecond after this time. */
    static long after(Instant time) {
        if (time.getEpochSecond() < Timestamps.MICROS_MIN / 1_000_000) {
            return Timestamps.MICROS_MIN;
        }
        if (time.getEpochSecond() > Timestamps.MICROS_MAX / 1_000_000) {
            return Timestamps.MICROS_MAX + 1;
        }
        return Timestamps.micros(time) + 1;
    }
}
