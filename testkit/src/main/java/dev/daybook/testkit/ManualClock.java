package dev.daybook.testkit;

import dev.daybook.internal.time.Clock;
import dev.daybook.internal.time.Timestamps;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/** A clock that moves only when it is told to. Thread-safe. */
public final class ManualClock implements Clock {
    private final AtomicLong micros;
    private final AtomicLong nanos = new AtomicLong();

    public ManualClock(Instant now) {
        micros = new AtomicLong(Timestamps.micros(now));
    }

    /** A clock that shows the evening of 2026-11-20. */
    public static ManualClock evening() {
        return new ManualClock(Instant.parse("2026-11-20T22:53:01.123456Z"));
    }

    @Override
    public long nowMicros() {
        return micros.get();
    }

    /** Moves with {@link #advance}, but never back. */
    @Override
    public long monotonicNanos() {
        return nanos.get();
    }

    public Instant now() {
        return Timestamps.instant(micros.get());
    }

    /** Moves on; or back, when the duration is negative. */
    public ManualClock advance(Duration by) {
        micros.addAndGet(by.toNanos() / 1_000);
        nanos.addAndGet(Math.max(0, by.toNanos()));
        return this;
    }

    public ManualClock set(Instant now) {
        micros.set(Timestamps.micros(now));
        return this;
    }
}
