package dev.daybook.run;

import org.jspecify.annotations.Nullable;

/** How a step's result becomes JSON and back. */
public interface Codec<T extends @Nullable Object> {

    /** A text. */
    Codec<String> TEXT = new Codec<>() {
        @Override
        public String encode(String value) {
            return Json.string(value);
        }

        @Override
        public String decode(String json) {
            byte[] bytes = json.getBytes(java.nio.charset.StandardCharsets.UTF_8);
            return dev.daybook.internal.json.JsonText.decode(bytes, 0, bytes.length);
        }
    };

    /** JSON as it is. */
    Codec<String> JSON = new Codec<>() {
        @Override
        public String encode(String value) {
            return value;
        }

        @Override
        public String decode(String json) {
            return json;
        }
    };

    /** One valid JSON value. */
    String encode(T value);

    /** What {@link #encode} was given. */
    T decode(String json);
}
