package dev.daybook.stream;

import dev.daybook.internal.json.JsonText;
import dev.daybook.internal.time.Timestamps;
import dev.daybook.journal.EventFields;
import dev.daybook.journal.Window;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An event as the journal holds it. Immutable, thread-safe. Its checksum was verified; its fields are taken out of the line when they are
 * asked for, so that what nobody asks for costs nothing.
 */
public final class Event implements Item {
    // The line: in an array that it shares with its neighbours, or still in the window of its segment.
    private final byte @Nullable [] array;
    private final @Nullable ByteBuffer window;
    private final int from;
    private final int to; // without the LF
    private final int seqAt; // in the window
    private final long pos;

    private @Nullable EventFields fields; // idempotent: racing threads make equal ones

    /** For the store: bytes[from, to) is a verified event line of this position. */
    public Event(byte[] bytes, int from, int to, long pos) {
        this.array = bytes;
        this.window = null;
        this.seqAt = -1;
        this.from = from;
        this.to = to;
        this.pos = pos;
    }

    /** For the store: [from, to) of the window is a verified event line of this position; its sequence number stands at seqAt. */
    public Event(ByteBuffer window, int from, int to, long pos, int seqAt) {
        this.array = null;
        this.window = window;
        this.seqAt = seqAt;
        this.from = from;
        this.to = to;
        this.pos = pos;
    }

    private EventFields fields() {
        EventFields known = fields;
        if (known == null) {
            if (window != null) {
                byte[] line = new byte[to - from];
                window.get(from, line);
                known = EventFields.of(line, 0, line.length);
            } else {
                known = EventFields.of(Objects.requireNonNull(array), from, to);
            }
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
        return fields().string(fields().streamFrom, fields().streamTo);
    }

    /** Its number in its stream, from 1. */
    public long seq() {
        return window != null && fields == null ? Window.number(window, seqAt) : fields().seq;
    }

    /** The caller's type. */
    public String type() {
        return fields().string(fields().typeFrom, fields().typeTo);
    }

    /** When the store committed it, in microseconds; never before the event before it. */
    public Instant time() {
        return Timestamps.instant(fields().timeMicros());
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
        return end == start ? Optional.empty() : Optional.of(fields().string(start, end));
    }

    /** When it happened, as its caller said. */
    public Optional<Instant> occurred() {
        EventFields f = fields();
        if (f.occurredAt == 0) {
            return Optional.empty();
        }
        return Optional.of(Timestamps.instant(Timestamps.parse(f.bytes, f.occurredAt)));
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
            case JSON -> new String(f.bytes, f.payloadFrom, f.payloadTo - f.payloadFrom, StandardCharsets.UTF_8);
            case TEXT -> JsonText.decode(f.bytes, f.payloadFrom, f.payloadTo);
            case BINARY -> throw new IllegalStateException("this payload is bytes, not text: use bytes()");
        };
    }

    /** A copy of the payload's bytes; of JSON and text, their UTF-8. */
    public byte[] bytes() {
        EventFields f = fields();
        return switch (f.form) {
            case JSON -> java.util.Arrays.copyOfRange(f.bytes, f.payloadFrom, f.payloadTo);
            case TEXT -> data().getBytes(StandardCharsets.UTF_8);
            case BINARY ->
                Base64.getDecoder().decode(java.util.Arrays.copyOfRange(f.bytes, f.payloadFrom + 1, f.payloadTo - 1));
        };
    }

    /** The payload as it stands in the line, without copying: JSON, a JSON string, or base64 in quotes. */
    public ByteBuffer payload() {
        if (window != null && fields == null) {
            ByteBuffer payload = Window.payload(window, seqAt, to);
            if (payload != null) {
                return payload;
            }
        }
        EventFields f = fields();
        return ByteBuffer.wrap(f.bytes, f.payloadFrom, f.payloadTo - f.payloadFrom)
                .slice()
                .asReadOnlyBuffer();
    }

    /** The whole line as the journal holds it, a JSON object, without its line end. */
    public String line() {
        EventFields f = fields();
        return new String(f.bytes, f.from, f.to - f.from, StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return line();
    }
}
