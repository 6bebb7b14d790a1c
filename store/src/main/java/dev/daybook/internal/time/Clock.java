package dev.daybook.internal.time;

import java.time.Instant;

/** The time of day. The only other clock Daybook uses is {@link System#nanoTime()}, for waiting. */
@FunctionalInterface
public interface Clock {

    /** The computer's clock. */
    Clock SYSTEM = () -> {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1_000_000L + now.getNano() / 1_000;
    };

    /** Microseconds since 1970-01-01T00:00:00Z. May go backwards; the journal does not. */
    long nowMicros();
}
