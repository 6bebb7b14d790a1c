package dev.daybook.log;

import dev.daybook.stream.Event;
import java.time.Instant;
import java.util.Optional;

/**
 * A row of the log.
 *
 * @param id its number: it grows and is never used again
 * @param pos where it is in the journal
 * @param source who said it
 * @param type what it is
 * @param ref what it is about
 * @param payload a JSON value
 * @param time when it happened: {@code occurred} where given
 */
public record LogRow(
        long id, long pos, String source, String type, Optional<String> ref, String payload, Instant time) {

    /** The row that an event of the log is. */
    public static LogRow of(Event event) {
        return new LogRow(
                event.seq(),
                event.pos(),
                event.source().orElse(""),
                event.type(),
                event.subject(),
                event.data(),
                event.occurred().orElseGet(event::time));
    }
}
