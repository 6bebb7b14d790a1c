package dev.daybook.stream;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Which events to read. Immutable. Conditions are joined by "and". A limit below 1 and a negative since are an {@link IllegalArgumentException}.
 *
 * @param since only events after this sequence number (of a store or prefix: position); 0 for all
 * @param limit at most so many, at least 1; {@link Long#MAX_VALUE} for all
 * @param reverse newest first; with a limit, the newest ones, without reading the rest
 * @param from only events committed at or after this time, or null
 * @param to only events committed at or before this time, or null
 */
public record ReadOptions(
        long since,
        long limit,
        boolean reverse,
        @Nullable Instant from,
        @Nullable Instant to) {
    private static final ReadOptions ALL = new ReadOptions(0, Long.MAX_VALUE, false, null, null);

    public ReadOptions {
        if (since < 0) {
            throw new IllegalArgumentException("since must be 0 or more, not " + since);
        }
        if (limit < 1) {
            throw new IllegalArgumentException("a limit is at least 1, not " + limit);
        }
    }

    /** Everything, oldest first. */
    public static ReadOptions all() {
        return ALL;
    }

    /** Everything after this sequence number. */
    public static ReadOptions after(long seq) {
        return ALL.since(seq);
    }

    /** The newest n, newest first. */
    public static ReadOptions newest(long n) {
        return ALL.reverse(true).limit(n);
    }

    public ReadOptions since(long seq) {
        return new ReadOptions(seq, limit, reverse, from, to);
    }

    public ReadOptions limit(long n) {
        return new ReadOptions(since, n, reverse, from, to);
    }

    public ReadOptions reverse(boolean newestFirst) {
        return new ReadOptions(since, limit, newestFirst, from, to);
    }

    /** Committed in this range, both ends included. */
    public ReadOptions between(@Nullable Instant first, @Nullable Instant last) {
        return new ReadOptions(since, limit, reverse, first, last);
    }
}
