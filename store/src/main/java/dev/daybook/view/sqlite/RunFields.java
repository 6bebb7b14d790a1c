package dev.daybook.view.sqlite;

import dev.daybook.internal.json.JsonReader;
import dev.daybook.internal.json.JsonReader.Token;
import dev.daybook.stream.Event;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the view {@code runs} looks at of a payload. */
final class RunFields {
    private static final int ERROR_CHARS_MAX = 1_000;

    /** As a run without tags has them. */
    static final String NO_TAGS = "{}";

    @Nullable
    String parent;

    @Nullable
    String error;

    @Nullable
    Long exitCode;

    String role = "";
    String tagsJson = NO_TAGS;
    final Map<String, String> tags = new LinkedHashMap<>();

    static RunFields of(Event event) {
        RunFields fields = new RunFields();
        byte[] bytes = event.bytes();
        JsonReader json = new JsonReader(bytes, 0, bytes.length);
        if (json.next() == Token.OBJECT) {
            while (json.next() == Token.KEY) {
                fields.field(json, bytes);
            }
        }
        return fields;
    }

    /** Tags by name, as the table has them. */
    static Map<String, String> tags(byte[] json) {
        RunFields fields = new RunFields();
        fields.tags(json, 0, json.length);
        return fields.tags;
    }

    private void field(JsonReader json, byte[] bytes) {
        if (json.is("tags")) {
            json.next();
            int from = json.start();
            json.skip();
            tags(bytes, from, json.end());
            return;
        }
        boolean texts = json.is("parent") || json.is("error") || json.is("role");
        boolean number = json.is("exitCode");
        if (!texts && !number) {
            json.skip();
            return;
        }
        String name = json.text();
        Token value = json.next();
        if (value == Token.STRING && texts) {
            text(name, json.text());
        } else if (value == Token.NUMBER && number) {
            exitCode = whole(json.text());
        } else {
            json.skip();
        }
    }

    private void text(String name, String value) {
        switch (name) {
            case "parent" -> parent = value;
            case "error" -> error = cut(value);
            default -> role = value;
        }
    }

    private void tags(byte[] bytes, int from, int to) {
        tagsJson = new String(bytes, from, to - from, StandardCharsets.UTF_8);
        JsonReader json = new JsonReader(bytes, from, to);
        if (json.next() != Token.OBJECT) {
            tagsJson = NO_TAGS;
            return;
        }
        while (json.next() == Token.KEY) {
            String key = json.text();
            if (json.next() == Token.STRING) {
                tags.put(key, json.text());
            } else {
                json.skip();
            }
        }
    }

    private static @Nullable Long whole(String number) {
        try {
            return Long.parseLong(number);
        } catch (NumberFormatException e) {
            return null; // of another writer's
        }
    }

    private static String cut(String text) {
        return text.length() <= ERROR_CHARS_MAX
                ? text
                : text.substring(
                        0, ERROR_CHARS_MAX - (Character.isHighSurrogate(text.charAt(ERROR_CHARS_MAX - 1)) ? 1 : 0));
    }
}
