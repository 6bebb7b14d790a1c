package dev.daybook.internal.run;

import dev.daybook.internal.json.JsonReader;
import dev.daybook.internal.json.JsonReader.Token;
import dev.daybook.internal.json.JsonText;
import dev.daybook.stream.Event;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The fields of a valid JSON object, each as it is written. Of anything else there are none. Immutable. */
final class Fields {
    private final Map<String, String> values;

    private Fields(Map<String, String> values) {
        this.values = Collections.unmodifiableMap(values);
    }

    static Fields of(Event event) {
        return of(event.bytes());
    }

    static Fields of(byte[] json) {
        Map<String, String> values = new LinkedHashMap<>();
        JsonReader reader = new JsonReader(json, 0, json.length);
        if (reader.next() == Token.OBJECT) {
            while (reader.next() == Token.KEY) {
                String key = reader.text();
                reader.next();
                int start = reader.start();
                reader.skip();
                values.put(key, new String(json, start, reader.end() - start, StandardCharsets.UTF_8));
            }
        }
        return new Fields(values);
    }

    Map<String, String> all() {
        return values;
    }

    @Nullable
    String json(String name) {
        return values.get(name);
    }

    /** What a string stands for; empty when it is none. */
    Optional<String> text(String name) {
        return Optional.ofNullable(values.get(name))
                .filter(value -> value.startsWith("\""))
                .map(Fields::decode);
    }

    static String decode(String literal) {
        byte[] bytes = literal.getBytes(StandardCharsets.UTF_8);
        return JsonText.decode(bytes, 0, bytes.length);
    }

    /** A whole number; empty when it is none. */
    Optional<Long> number(String name) {
        String value = values.get(name);
        try {
            return value == null ? Optional.empty() : Optional.of(Long.valueOf(value));
        } catch (NumberFormatException e) {
            return Optional.empty(); // only a newer Daybook writes that
        }
    }

    Optional<Integer> smallNumber(String name) {
        return number(name).filter(n -> n == n.intValue()).map(Long::intValue);
    }
}
