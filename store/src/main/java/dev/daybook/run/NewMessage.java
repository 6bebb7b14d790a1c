package dev.daybook.run;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A message to be added. Immutable.
 *
 * @param role who speaks, 1 to 64 bytes
 * @param content any JSON value
 * @param meta a JSON object, or null
 * @param id the same id again within the last 65,536 events of the run adds nothing, also when the first one was set aside since; null for none
 * @param occurred when it was said, if that was not now, or null
 */
public record NewMessage(
        String role,
        String content,
        @Nullable String meta,
        @Nullable String id,
        @Nullable Instant occurred) {

    /** A text. @throws dev.daybook.InvalidEventException at an unpaired surrogate */
    public static NewMessage text(String role, String text) {
        return json(role, Json.string(text));
    }

    /** Any JSON value. */
    public static NewMessage json(String role, String content) {
        return new NewMessage(role, content, null, null, null);
    }

    public NewMessage meta(String json) {
        return new NewMessage(role, content, json, id, occurred);
    }

    public NewMessage id(String value) {
        return new NewMessage(role, content, meta, value, occurred);
    }

    public NewMessage occurred(Instant time) {
        return new NewMessage(role, content, meta, id, time);
    }
}
