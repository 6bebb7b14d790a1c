package dev.daybook.internal.time;

import java.time.Instant;

/** The time of day, and one that only goes on. What waits for a moment uses {@link System#nanoTime()} itself. */
@FunctionalInterface
public interface Clock {

    /** The computer's clock. */
    Clock SYSTEM = () -> {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1_000_000L + now.getNano() / 1_000;
    };

    /** Microseconds since 1970-01-01T00:00:00Z. May go backwards; the journal does not. */
    long nowMicros();

    /** Nanoseconds since some moment; never goes backwards. Leases are measured with it, so that setting the computer's clock ends none. */
    default long monotonicNanos() {
        return System.nanoTime();
    }
}
