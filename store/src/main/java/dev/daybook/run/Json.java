package dev.daybook.run;

import dev.daybook.internal.json.JsonText;
import java.nio.charset.StandardCharsets;

/** The one way in which strings become JSON here. */
final class Json {
    private Json() {}

    static String string(String text) {
        return new String(JsonText.encode(text), StandardCharsets.UTF_8);
    }
}
