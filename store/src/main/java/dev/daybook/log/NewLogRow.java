package dev.daybook.log;

import dev.daybook.InvalidEventException;
import dev.daybook.stream.NewEvent;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A row to be appended. Immutable; limits are checked when it is appended.
 *
 * @param source who says it, 1 to 1,024 bytes
 * @param type what it is, 1 to 1,024 bytes
 * @param ref what it is about, 1 to 1,024 bytes, or null
 * @param payload any JSON value
 * @param occurred when it happened, if that was not now, or null
 */
public record NewLogRow(
        String source,
        String type,
        @Nullable String ref,
        String payload,
        @Nullable Instant occurred) {

    /** For the store: the stream of the log. */
    public static final String STREAM = "logs";

    /** A row without a payload. */
    public static NewLogRow of(String source, String type) {
        return new NewLogRow(source, type, null, "null", null);
    }

    /** About this: a run's id, or whatever it is. */
    public NewLogRow ref(String value) {
        return new NewLogRow(source, type, value, payload, occurred);
    }

    /** Any JSON value. */
    public NewLogRow json(String value) {
        return new NewLogRow(source, type, ref, value, occurred);
    }

    /** When it happened, in years 0001 to 9999; microseconds are kept. */
    public NewLogRow occurred(Instant time) {
        return new NewLogRow(source, type, ref, payload, time);
    }

    /** For the store: the row as it is appended. */
    public NewEvent event() {
        NewEvent event = NewEvent.json(type, payload).source(source);
        if (ref != null) {
            try {
                event = event.subject(ref);
            } catch (InvalidEventException e) {
                throw new InvalidEventException("ref", e.byteOffset(), e.reason());
            }
        }
        return occurred == null ? event : event.occurred(occurred);
    }
}
