package dev.daybook.stream;

import dev.daybook.internal.json.JsonText;
import dev.daybook.internal.time.Timestamps;
import dev.daybook.journal.EventFields;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An event as the journal holds it. Immutable, thread-safe. Its checksum was verified; its fields are taken out of the line when they are
 * asked for, so that what nobody asks for costs nothing.
 */
public final class Event implements Item {
    private final byte[] line; // shared with its neighbours; never handed out writable
    private final int from;
    private final int to; // without the LF
    private final long pos;
    private @Nullable EventFields fields; // idempotent: racing threads make equal ones

    /** For the store: bytes[from, to) is a verified event line of this position. */
    public Event(byte[] bytes, int from, int to, long pos) {
        this.line = bytes;
        this.from = from;
        this.to = to;
        this.pos = pos;
    }

    private EventFields fields() {
        EventFields known = fields;
        if (known == null) {
            known = EventFields.of(line, from, to);
            fields = known;
        }
        return known;
    }

    @Override
    public long pos() {
        return pos;
    }

    /** Its stream. */
    public String stream() {
        return fields().string(line, fields().streamFrom, fields().streamTo);
    }

    /** Its number in its stream, from 1. */
    public long seq() {
        return fields().seq;
    }

    /** The caller's type. */
    public String type() {
        return fields().string(line, fields().typeFrom, fields().typeTo);
    }

    /** When the store committed it, in microseconds; never before the event before it. */
    public Instant time() {
        return Timestamps.instant(fields().timeMicros(line));
    }

    /** Who or what it comes from, if its caller said. */
    public Optional<String> source() {
        return optional(fields().sourceFrom, fields().sourceTo);
    }

    /** What it is about, if its caller said. */
    public Optional<String> subject() {
        return optional(fields().subjectFrom, fields().subjectTo);
    }

    /** Its id, if its caller gave one. */
    public Optional<String> id() {
        return optional(fields().idFrom, fields().idTo);
    }

    private Optional<String> optional(int start, int end) {
        return end == start ? Optional.empty() : Optional.of(fields().string(line, start, end));
    }

    /** When it happened, as its caller said. */
    public Optional<Instant> occurred() {
        int at = fields().occurredAt;
        if (at == 0) {
            return Optional.empty();
        }
        return Optional.of(Timestamps.instant(Timestamps.parse(line, at)));
    }

    /** What its payload is. */
    public PayloadForm form() {
        return fields().form;
    }

    /**
     * The payload as text: the JSON, or the text.
     *
     * @throws IllegalStateException when it is bytes
     */
    public String data() {
        EventFields f = fields();
        return switch (f.form) {
            case JSON -> new String(line, f.payloadFrom, f.payloadTo - f.payloadFrom, StandardCharsets.UTF_8);
            case TEXT -> JsonText.decode(line, f.payloadFrom, f.payloadTo);
            case BINARY -> throw new IllegalStateException("this payload is bytes, not text: use bytes()");
        };
    }

    /** A copy of the payload's bytes; of JSON and text, their UTF-8. */
    public byte[] bytes() {
        EventFields f = fields();
        return switch (f.form) {
            case JSON -> java.util.Arrays.copyOfRange(line, f.payloadFrom, f.payloadTo);
            case TEXT -> data().getBytes(StandardCharsets.UTF_8);
            case BINARY ->
                Base64.getDecoder().decode(java.util.Arrays.copyOfRange(line, f.payloadFrom + 1, f.payloadTo - 1));
        };
    }

    /** The payload as it stands in the line, without copying: JSON, a JSON string, or base64 in quotes. */
    public ByteBuffer payload() {
        EventFields f = fields();
        return ByteBuffer.wrap(line, f.payloadFrom, f.payloadTo - f.payloadFrom)
                .slice()
                .asReadOnlyBuffer();
    }

    /** The whole line as the journal holds it, a JSON object, without its line end. */
    public String line() {
        return new String(line, from, to - from, StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return line();
    }
}
