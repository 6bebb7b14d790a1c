package dev.daybook.stream;

import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Events from a point on, and then live, in order, each once. It is a cursor into the journal, not a buffer: a slow reader lags and
 * costs nobody anything. What was truncated or deleted before it was read arrives as a {@link Gap}.
 *
 * <p>One thread reads; {@link #close()} may be called from any, and ends a waiting read at once. A subscription to one stream ends by itself
 * when the stream is closed and everything was delivered, or when the store is closed.
 */
public interface Subscription extends Iterable<Event>, AutoCloseable {

    /**
     * The next event or gap; waits for it. Null at the end.
     *
     * @throws dev.daybook.CorruptJournalException when a line is damaged; reading never skips it
     * @throws InterruptedException when the waiting thread is interrupted; the subscription stays as it is
     */
    @Nullable
    Item take() throws InterruptedException;

    /** Like {@link #take()}, but waits no longer than this. Null when nothing came, or at the end: see {@link #ended()}. */
    @Nullable
    Item poll(Duration timeout) throws InterruptedException;

    /** Whether nothing will come any more. */
    boolean ended();

    /**
     * The events as an iterator, of the reading thread, whose {@code hasNext} waits for the next one. Gaps are passed over; read with {@link #take()} to
     * see them. There is one cursor: every iterator goes on where the last one stopped. An interrupt ends the iteration and stays set.
     */
    @Override
    Iterator<Event> iterator();

    /** Ends it, from any thread, also in the middle of a replay. Idempotent. */
    @Override
    void close();

    /**
     * The same as a {@link Flow.Publisher}. Each subscriber gets its own cursor from the point this was made for, and its own
     * thread while it lives; demand is honoured. A subscriber that throws loses its subscription and hurts nobody else.
     */
    interface Publisher extends Flow.Publisher<Item> {}
}
