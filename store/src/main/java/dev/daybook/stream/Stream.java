package dev.daybook.stream;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A named sequence of events. A handle, cheap to get, thread-safe; the stream itself comes into being with its first append.
 *
 * <p>Unless a method says otherwise, everything that writes is durable on return as {@link dev.daybook.Durability} says, and throws
 * {@link dev.daybook.StoreFailedException}, {@link dev.daybook.AppendTimeoutException} or {@link dev.daybook.StoreClosedException} when the store cannot.
 */
public interface Stream {

    String name();

    /** Appends one event. */
    Appended append(NewEvent event);

    /** @throws dev.daybook.ConflictException when a condition does not hold; it carries expected and actual */
    Appended append(NewEvent event, AppendOptions options);

    /** Appends all or none, with consecutive sequence numbers. An empty list writes nothing and returns where the stream is. */
    Appended append(List<NewEvent> events, AppendOptions options);

    /**
     * Appends without waiting. The future completes when the append is durable, on a thread of the store: continue with the
     * {@code Async} methods if the continuation is not short. Appends of one thread are committed in the order of the calls. Waits only
     * while the queue is full.
     */
    CompletableFuture<Appended> appendAsync(NewEvent event);

    CompletableFuture<Appended> appendAsync(List<NewEvent> events, AppendOptions options);

    /** Makes an empty stream. True if it was made, false if it is there with this configuration. */
    boolean create(StreamConfig config);

    /** A snapshot of the events that match, read as they are iterated. Empty when the stream does not exist. */
    Events read(ReadOptions options);

    /** Every event. */
    default Events read() {
        return read(ReadOptions.all());
    }

    /** Events after this sequence number, and then live. */
    Subscription subscribe(long afterSeq);

    /** Only events committed from now on. */
    Subscription subscribeLive();

    Subscription.Publisher publisher(long afterSeq);

    Optional<StreamInfo> info();

    /** No event can follow. Idempotent. */
    void close();

    /** Removes events with a lower sequence number; numbers go on. Returns how many there were. */
    long truncateBefore(long seq);

    /** Removes all but the newest n. Returns how many were removed. */
    long keepNewest(long n);

    /** Replaces everything by these events in one step; numbers go on. */
    Appended replace(List<NewEvent> events);

    /** Deletes the stream. Its name can be used again, for another stream. True if it was there. */
    boolean delete();
}
