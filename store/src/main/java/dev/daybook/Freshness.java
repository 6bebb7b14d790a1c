package dev.daybook;

import java.time.Duration;

/**
 * How new an answer must be. Immutable.
 *
 * @param position the position that the view must have passed; {@link #OWN} and {@link #ANY} for those
 * @param timeout how long to wait for it
 */
public record Freshness(long position, Duration timeout) {
    /** As a position: see {@link #own}. */
    public static final long OWN = -1;

    /** As a position: see {@link #any}. */
    public static final long ANY = 0;

    private static final Duration DEFAULT = Duration.ofSeconds(5);

    public Freshness {
        if (position < OWN) {
            throw new IllegalArgumentException("no position is " + position);
        }
        if (timeout.isNegative()) {
            throw new IllegalArgumentException("a timeout is 0 or more, not " + timeout);
        }
    }

    /**
     * Everything that this {@code Daybook} had acknowledged when the query began; where it was opened for reading, everything that the writer
     * had published. The default; waits up to 5 seconds.
     */
    public static Freshness own() {
        return new Freshness(OWN, DEFAULT);
    }

    /** Whatever the view has. Waits only where it has nothing yet, up to 5 seconds. */
    public static Freshness any() {
        return new Freshness(ANY, DEFAULT);
    }

    /** At least this position. */
    public static Freshness at(long position) {
        return new Freshness(position, DEFAULT);
    }

    /** The same, with another time to wait for it. */
    public Freshness within(Duration timeout) {
        return new Freshness(position, timeout);
    }
}
