package dev.daybook.stream;

import dev.daybook.InvalidEventException;
import dev.daybook.internal.json.InvalidJsonException;
import dev.daybook.internal.json.JsonScanner;
import dev.daybook.internal.json.JsonSink;
import dev.daybook.internal.json.JsonText;
import dev.daybook.internal.time.Timestamps;
import dev.daybook.journal.Fragment;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * An event that a caller wants to append. Immutable; each {@code with}-like method returns a changed copy. The factories check the
 * payload and copy it, so later changes to an array do not matter.
 */
public final class NewEvent {
    /** The longest {@code type}, {@code source}, {@code subject} and {@code id}, in bytes of UTF-8. */
    public static final int ATTRIBUTE_BYTES_MAX = 1_024;

    private static final ThreadLocal<JsonScanner> SCANNER = ThreadLocal.withInitial(JsonScanner::new);

    private final PayloadForm form;
    private final byte[] payload; // JSON text, UTF-8 text or bytes; never handed out without copying
    private final String type;
    private final @Nullable String source;
    private final @Nullable String subject;
    private final @Nullable String id;
    private final long occurredMicros; // Long.MIN_VALUE: not given

    private NewEvent(
            PayloadForm form,
            byte[] payload,
            String type,
            @Nullable String source,
            @Nullable String subject,
            @Nullable String id,
            long occurredMicros) {
        this.form = form;
        this.payload = payload;
        this.type = type;
        this.source = source;
        this.subject = subject;
        this.id = id;
        this.occurredMicros = occurredMicros;
    }

    /**
     * An event with a JSON payload of at most 16 MiB; appending it is subject to the store's own limit.
     *
     * @throws InvalidEventException as {@link #json(String, byte[])}, or at an unpaired surrogate
     */
    public static NewEvent json(String type, String json) {
        if (json.length() > dev.daybook.DaybookOptions.PAYLOAD_BYTES_LIMIT) {
            throw new InvalidEventException("data", -1, "larger than 16 MiB");
        }
        return json(type, JsonSink.utf8(json, "data"));
    }

    /**
     * An event with a JSON payload, given as UTF-8.
     *
     * @throws InvalidEventException when it is not exactly one valid JSON value, naming the byte: strict UTF-8, no duplicate keys, no unpaired surrogate, at
     *     most 128 levels, numbers of at most 1,000 characters; or when the type is empty or too long
     */
    public static NewEvent json(String type, byte[] json) {
        if (json.length > dev.daybook.DaybookOptions.PAYLOAD_BYTES_LIMIT) {
            throw new InvalidEventException("data", -1, "payload of " + json.length + " bytes is larger than 16 MiB");
        }
        byte[] copy = json.clone();
        try {
            if (SCANNER.get().check(copy, 0, copy.length)) {
                for (int i = 0; i < copy.length; i++) {
                    if (copy[i] == '\n' || copy[i] == '\r') {
                        copy[i] = ' '; // between tokens; inside a string it is not valid (I10)
                    }
                }
            }
        } catch (InvalidJsonException e) {
            throw new InvalidEventException("data", e.byteOffset(), e.reason());
        }
        return of(PayloadForm.JSON, copy, type);
    }

    /**
     * An event with a text payload of at most 16 MiB. Any characters; it comes back as it is.
     *
     * @throws InvalidEventException at an unpaired surrogate
     */
    public static NewEvent text(String type, String text) {
        if (text.length() > dev.daybook.DaybookOptions.PAYLOAD_BYTES_LIMIT) {
            throw new InvalidEventException("text", -1, "larger than 16 MiB");
        }
        return of(PayloadForm.TEXT, JsonSink.utf8(text, "text"), type);
    }

    /** An event with a payload of bytes, at most 16 MiB. */
    public static NewEvent binary(String type, byte[] bytes) {
        if (bytes.length > dev.daybook.DaybookOptions.PAYLOAD_BYTES_LIMIT) {
            throw new InvalidEventException(
                    "base64", -1, "payload of " + bytes.length + " bytes is larger than 16 MiB");
        }
        return of(PayloadForm.BINARY, bytes.clone(), type);
    }

    private static NewEvent of(PayloadForm form, byte[] payload, String type) {
        return new NewEvent(form, payload, attribute("type", type), null, null, null, Long.MIN_VALUE);
    }

    private static String attribute(String name, String value) {
        if (value.isEmpty()) {
            throw new InvalidEventException(name, -1, "must not be empty");
        }
        if (value.length() > ATTRIBUTE_BYTES_MAX
                || !plain(value) && JsonSink.utf8(value, name).length > ATTRIBUTE_BYTES_MAX) {
            throw new InvalidEventException(name, -1, "longer than " + ATTRIBUTE_BYTES_MAX + " bytes");
        }
        return value;
    }

    private static boolean plain(String value) {
        for (int i = 0; i < value.length(); i++) {
            if (value.charAt(i) >= 0x80) {
                return false;
            }
        }
        return true;
    }

    /** Says who or what it comes from; 1 to 1,024 bytes. */
    public NewEvent source(String value) {
        return new NewEvent(form, payload, type, attribute("source", value), subject, id, occurredMicros);
    }

    /** Says what it is about; 1 to 1,024 bytes. */
    public NewEvent subject(String value) {
        return new NewEvent(form, payload, type, source, attribute("subject", value), id, occurredMicros);
    }

    /** Gives the event an id of 1 to 1,024 bytes. A second event with it, within the last 65,536 of the stream, is taken as the first one sent again. */
    public NewEvent id(String value) {
        return new NewEvent(form, payload, type, source, subject, attribute("id", value), occurredMicros);
    }

    /** When it happened, as the caller sees it. Microseconds are kept, years 0001 to 9999. */
    public NewEvent occurred(Instant time) {
        long micros;
        try {
            micros = Timestamps.micros(time);
        } catch (ArithmeticException e) {
            micros = Long.MAX_VALUE;
        }
        if (micros < Timestamps.MICROS_MIN || micros > Timestamps.MICROS_MAX) {
            throw new InvalidEventException("occurred", -1, "the year must be between 0001 and 9999");
        }
        return new NewEvent(form, payload, type, source, subject, id, micros);
    }

    public PayloadForm form() {
        return form;
    }

    public String type() {
        return type;
    }

    public @Nullable String id() {
        return id;
    }

    /** Size of the payload as the caller gave it, in bytes (of UTF-8, for JSON and text). */
    public int payloadBytes() {
        return payload.length;
    }

    /** For the store: what of the line the caller decides, encoded. */
    public Fragment encode() {
        byte[] attributes = attributes();
        return switch (form) {
            case JSON -> new Fragment(attributes, JSON_PREFIX, payload, NOTHING, form, id, payload.length);
            case TEXT ->
                new Fragment(
                        attributes,
                        TEXT_PREFIX,
                        JsonText.encode(new String(payload, StandardCharsets.UTF_8)),
                        NOTHING,
                        form,
                        id,
                        payload.length);
            case BINARY ->
                new Fragment(
                        attributes,
                        BASE64_PREFIX,
                        Base64.getEncoder().encode(payload),
                        QUOTE,
                        form,
                        id,
                        payload.length);
        };
    }

    private byte[] attributes() {
        if (source == null && subject == null && id == null && occurredMicros == Long.MIN_VALUE) {
            byte[] known = TYPES.get(type);
            if (known == null) {
                known = new JsonSink(32 + type.length())
                        .ascii("\"type\":")
                        .string(type)
                        .toByteArray();
                if (TYPES.size() < TYPES_MAX) {
                    TYPES.put(type, known);
                }
            }
            return known;
        }
        JsonSink sink = new JsonSink(32 + type.length());
        sink.ascii("\"type\":").string(type);
        if (source != null) {
            sink.ascii(",\"source\":").string(source);
        }
        if (subject != null) {
            sink.ascii(",\"subject\":").string(subject);
        }
        if (id != null) {
            sink.ascii(",\"id\":").string(id);
        }
        if (occurredMicros != Long.MIN_VALUE) {
            sink.ascii(",\"occurred\":\"")
                    .ascii(Timestamps.format(occurredMicros))
                    .ascii("\"");
        }
        return sink.toByteArray();
    }

    /** The attributes of events that have nothing but a type: most have one of few. */
    private static final ConcurrentHashMap<String, byte[]> TYPES = new ConcurrentHashMap<>();

    private static final int TYPES_MAX = 256;

    private static final byte[] JSON_PREFIX = ",\"data\":".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] TEXT_PREFIX = ",\"text\":".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] BASE64_PREFIX = ",\"base64\":\"".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] QUOTE = {'"'};
    private static final byte[] NOTHING = {};
}
