package dev.daybook.run;

import dev.daybook.InvalidEventException;
import dev.daybook.internal.json.InvalidJsonException;
import dev.daybook.internal.json.JsonText;
import java.nio.charset.StandardCharsets;

/** The one way in which strings become JSON here. */
final class Json {
    private Json() {}

    static String string(String text) {
        try {
            return new String(JsonText.encode(text), StandardCharsets.UTF_8);
        } catch (InvalidJsonException e) {
            throw new InvalidEventException("text", -1, e.reason());
        }
    }
}
