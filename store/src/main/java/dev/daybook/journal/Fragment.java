package dev.daybook.journal;

import dev.daybook.internal.json.JsonScanner;
import dev.daybook.internal.json.JsonSink;
import dev.daybook.internal.json.JsonText;
import dev.daybook.stream.PayloadForm;
import org.jspecify.annotations.Nullable;

/**
 * The parts of an event's line that its caller decides, encoded on the caller's thread. What only the commit thread knows goes before, between
 * and behind them.
 *
 * @param attributes {@code "type":...} and what follows it up to producer and batch
 * @param prefix key of the payload
 * @param payload the payload as it stands in the line
 * @param suffix what closes it
 * @param rawBytes size of the payload as the caller gave it
 */
@SuppressWarnings("ArrayRecordComponent") // never compared, and made a million times a second
public record Fragment(
        byte[] attributes,
        byte[] prefix,
        byte[] payload,
        byte[] suffix,
        PayloadForm form,
        @Nullable String id,
        int rawBytes) {

    private static final String TYPE = "\"type\":";

    String type() {
        return JsonText.decode(attributes, TYPE.length(), typeTo());
    }

    private int typeTo() {
        return JsonScanner.skipValue(attributes, TYPE.length(), attributes.length);
    }

    /** The same event with another payload. */
    Fragment withPayload(byte[] json) {
        return new Fragment(attributes, prefix, json, suffix, form, id, json.length);
    }

    /** The same event with another type. */
    Fragment withType(String type) {
        byte[] changed = new JsonSink(attributes.length + type.length())
                .ascii(TYPE)
                .string(type)
                .put(attributes, typeTo(), attributes.length)
                .toByteArray();
        return new Fragment(changed, prefix, payload, suffix, form, id, rawBytes);
    }

    int bytes() {
        return attributes.length + prefix.length + payload.length + suffix.length;
    }
}
