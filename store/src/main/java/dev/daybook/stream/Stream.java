package dev.daybook.stream;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A named sequence of events. A handle, cheap to get, thread-safe; the stream itself comes into being with its first append.
 *
 * <p>Unless a method says otherwise, everything that writes is durable on return as {@link dev.daybook.Durability} says, and throws
 * {@link dev.daybook.StoreFailedException}, {@link dev.daybook.AppendTimeoutException} or {@link dev.daybook.StoreClosedException} when the store cannot,
 * {@link dev.daybook.RefusedException} when the stream is closed, of another kind or content type, or the store is open for reading only, and
 * {@link dev.daybook.InvalidEventException} when a limit is broken: a payload of 10 MiB (or what the options say), 10,000 events and 64 MiB at a time.
 * Except for the first two, nothing was written then. What is read is what was acknowledged; a damaged line is
 * {@link dev.daybook.CorruptJournalException}, never skipped.
 */
public interface Stream {

    /** Its name. */
    String name();

    /** Appends one event. */
    Appended append(NewEvent event);

    /**
     * Appends one event if the conditions hold.
     *
     * @throws dev.daybook.ConflictException when a condition does not hold; it carries expected and actual
     * @throws dev.daybook.StreamNotFoundException when the stream must exist and does not
     */
    Appended append(NewEvent event, AppendOptions options);

    /**
     * Appends all or none, with consecutive sequence numbers and one time. An empty list writes nothing and returns where the stream is. Throws like
     * {@link #append(NewEvent, AppendOptions)}.
     */
    Appended append(List<NewEvent> events, AppendOptions options);

    /**
     * Appends without waiting. The future completes when the append is durable, on a thread of the store: continue with the
     * {@code Async} methods if the continuation is not short. Appends of one thread are committed in the order of the calls. Waits only
     * while the queue is full. What refuses the append completes the future; a broken limit, a queue that stays full and a store that cannot write are
     * thrown at once.
     */
    CompletableFuture<Appended> appendAsync(NewEvent event);

    /** Like {@link #append(List, AppendOptions)}, without waiting, as {@link #appendAsync(NewEvent)}. */
    CompletableFuture<Appended> appendAsync(List<NewEvent> events, AppendOptions options);

    /**
     * Makes an empty stream. True if it was made, false if it is there with this configuration.
     *
     * @throws dev.daybook.RefusedException when it is there with another configuration
     */
    boolean create(StreamConfig config);

    /** A snapshot of the events that match, read as they are iterated. Empty when the stream does not exist. */
    Events read(ReadOptions options);

    /** Every event. */
    default Events read() {
        return read(ReadOptions.all());
    }

    /** Events after this sequence number (0 for all), and then live. The stream need not exist yet. Close it. */
    Subscription subscribe(long afterSeq);

    /** Like {@link #subscribe}, but only events committed from now on. */
    Subscription subscribeLive();

    /** The same as {@link #subscribe}, for each subscriber anew, on a thread of its own. */
    Subscription.Publisher publisher(long afterSeq);

    /** What is known of it now, or empty when it does not exist. Reads at most one line. */
    Optional<StreamInfo> info();

    /**
     * No event can follow. Idempotent. Durable on return.
     *
     * @throws dev.daybook.StreamNotFoundException when it does not exist
     */
    void close();

    /**
     * Removes events with a lower sequence number, in one step; numbers go on. Returns how many there were. Durable on return; the bytes stay on disk
     * in this version.
     *
     * @throws dev.daybook.StreamNotFoundException when it does not exist
     */
    long truncateBefore(long seq);

    /**
     * Removes all but the newest n (0 or more), like {@link #truncateBefore}. What is appended meanwhile stays. Returns how many were removed.
     *
     * @throws dev.daybook.StreamNotFoundException when it does not exist
     */
    long keepNewest(long n);

    /**
     * Replaces everything by these events in one step; numbers go on. Makes the stream if it does not exist. Durable on return. What others append is
     * either replaced or comes behind.
     */
    Appended replace(List<NewEvent> events);

    /** Deletes the stream. Its name can be used again, for another stream. True if it was there. Durable on return. */
    boolean delete();
}
