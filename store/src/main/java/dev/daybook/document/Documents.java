package dev.daybook.document;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * JSON values by key. Thread-safe. Reads see what is acknowledged and need no view.
 *
 * <p>A key is 1 to 500 bytes by the rules of stream names. What writes is durable on return and throws, with nothing written, {@link dev.daybook.ConflictException} when the condition does not hold (with the actual version),
 * {@link dev.daybook.InvalidEventException} when the key or the JSON is not valid, {@link dev.daybook.RefusedException} for keys below {@code runs/}, which belong to the run API; and what
 * {@link dev.daybook.stream.Stream} throws when the store cannot. To put documents together with other events: {@code Batch.document}.
 */
public interface Documents {

    /** The value, or empty. */
    Optional<Document> get(String key);

    /** The value that this version was, or empty when it was a delete, is no longer there or never was. */
    Optional<Document> at(String key, long version);

    /** The value when the journal was at this position, or empty. */
    Optional<Document> atPosition(String key, long position);

    /** The value at this time, or empty. */
    Optional<Document> atTime(String key, Instant time);

    /** Writes the value; returns the new version. */
    default long put(String key, String json) {
        return put(key, json, Condition.none());
    }

    /** Writes the value if the condition holds; returns the new version. */
    long put(String key, String json, Condition condition);

    /**
     * Writes the value, and deletes the least recently written keys below the prefix until there are no more than this many, this one counted, in the same step. When more than
     * 1,000 keys have to go because the cap was larger before, those beyond the first 1,000 go in steps after it. Only puts with a cap delete anything; the cap is not stored.
     * Capped puts below one prefix take turns.
     *
     * @param prefix whole leading segments of the key; empty for all documents but those of runs
     * @param keysMax at least 1
     * @throws IllegalArgumentException when the key is not below the prefix
     */
    long put(String key, String json, Condition condition, String prefix, int keysMax);

    /** Deletes the value; false when there was none, and nothing is written then. */
    default boolean delete(String key) {
        return delete(key, Condition.none());
    }

    /** Deletes the value if the condition holds. */
    boolean delete(String key, Condition condition);

    /**
     * Documents that have a value, in the order of their keys' bytes.
     *
     * @param prefix whole leading segments; empty for all
     * @param after only keys greater than this one; empty to begin
     * @param limit at least 1
     */
    List<DocumentEntry> list(String prefix, String after, int limit);

    /**
     * What happened to a document, newest first.
     *
     * @param before only versions lower than this; {@link Long#MAX_VALUE} to begin
     * @param limit at least 1
     */
    List<DocumentChange> history(String key, long before, int limit);

    /**
     * Changes below a prefix (empty for all), or of the key itself, after a position (0 for all), and then live. It is a cursor into the journal, which is read from that position on,
     * other lines included. Close it.
     */
    Watch watch(String prefix, long afterPosition);

    /** Changes, in order, each once. One thread reads; any may close. */
    interface Watch extends AutoCloseable {
        /**
         * The next change; waits for it. Null at the end, when it or the store was closed.
         *
         * @throws dev.daybook.CorruptJournalException when a line is damaged; reading never skips it
         */
        @Nullable
        DocumentChange take() throws InterruptedException;

        /** Like {@link #take()}, but waits no longer than this. Null when nothing came, or at the end: see {@link #ended()}. */
        @Nullable
        DocumentChange poll(Duration timeout) throws InterruptedException;

        /** Whether nothing will come any more. */
        boolean ended();

        @Override
        void close();
    }
}
