package dev.daybook.internal.run;

import dev.daybook.DaybookOptions;
import dev.daybook.InvalidEventException;
import dev.daybook.internal.json.InvalidJsonException;
import dev.daybook.internal.json.JsonScanner;
import dev.daybook.internal.json.JsonSink;
import dev.daybook.stream.NewEvent;
import org.jspecify.annotations.Nullable;

/** A JSON object made of a caller's parts. Each part is checked by itself, so that none can say what belongs to another. What is null is left out. */
final class Payload {
    private static final ThreadLocal<JsonScanner> SCANNER = ThreadLocal.withInitial(JsonScanner::new);

    private final JsonSink json = new JsonSink(128).ascii("{");
    private boolean any;

    private Payload key(String name) {
        json.ascii(any ? "," : "").string(name).ascii(":");
        any = true;
        return this;
    }

    Payload text(String name, @Nullable String value) {
        if (value != null) {
            key(name);
            try {
                json.string(value);
            } catch (InvalidJsonException e) {
                throw new InvalidEventException(name, -1, e.reason());
            }
        }
        return this;
    }

    Payload number(String name, long value) {
        key(name);
        json.number(value);
        return this;
    }

    Payload no(String name) {
        key(name);
        json.ascii("false");
        return this;
    }

    /** Any JSON value. */
    Payload json(String name, @Nullable String value) {
        if (value != null) {
            byte[] checked = checked(name, value);
            key(name);
            json.put(checked);
        }
        return this;
    }

    /** A JSON object. */
    Payload object(String name, @Nullable String value) {
        if (value != null) {
            requireObject(name, checked(name, value));
        }
        return json(name, value);
    }

    NewEvent event(String type) {
        return NewEvent.json(type, toJson());
    }

    byte[] toJson() {
        json.ascii("}");
        return json.toByteArray();
    }

    /** @throws InvalidEventException naming the field, when it is not one valid JSON value */
    static byte[] checked(String name, String value) {
        if (value.length() > DaybookOptions.PAYLOAD_BYTES_LIMIT) {
            throw new InvalidEventException(name, -1, "larger than 16 MiB");
        }
        byte[] bytes = JsonSink.utf8(value, name);
        try {
            SCANNER.get().check(bytes, 0, bytes.length);
        } catch (InvalidJsonException e) {
            throw new InvalidEventException(name, e.byteOffset(), e.reason());
        }
        return bytes;
    }

    static void requireObject(String name, byte[] json) {
        int at = 0;
        while (json[at] <= ' ') { // it is valid, so something follows
            at++;
        }
        if (json[at] != '{') {
            throw new InvalidEventException(name, at, "must be a JSON object");
        }
    }
}
