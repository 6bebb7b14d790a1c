package dev.daybook.log;

import dev.daybook.stream.Appended;
import dev.daybook.stream.Subscription;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The log of a store: structured rows in the order of their ids, which grow and are never used again. Thread-safe. Reads see what is acknowledged. What writes throws what {@link dev.daybook.stream.Stream}
 * says, and {@link dev.daybook.InvalidEventException} when a limit of {@link NewLogRow} is broken; nothing is written then. To append rows together with other events: {@code Batch.log}.
 */
public interface Logs {

    /** Appends a row; its id is {@link Appended#seq()}. Durable on return as {@link dev.daybook.Durability} says. */
    Appended append(NewLogRow row);

    /** Appends all or none, with consecutive ids; at most 10,000 rows and 64 MiB. Durable on return. */
    Appended append(List<NewLogRow> rows);

    /** Appends without waiting, as {@link dev.daybook.stream.Stream#appendAsync}. */
    CompletableFuture<Appended> appendAsync(NewLogRow row);

    /** A row by its id, or empty. */
    Optional<LogRow> find(long id);

    /**
     * Rows in the order of their ids.
     *
     * @param afterId only rows with a greater id; 0 for all
     * @param limit at most so many, at least 1
     */
    List<LogRow> after(long afterId, int limit);

    /**
     * A page of the rows that fit. Answered by the view {@code logs}, with the rows from the journal; a page costs what it holds, not what the log holds. Rows that come meanwhile with an older time do not
     * disturb a page that was read.
     *
     * @throws IllegalArgumentException when the cursor is none that a page had
     * @throws dev.daybook.ViewBehindException when the view does not get as far as asked in time
     */
    LogPage query(LogQuery query);

    /** Rows after an id (0 for all), as events, and then live; {@link LogRow#of} makes rows of them. Close it. */
    Subscription subscribe(long afterId);
}
