package dev.daybook.journal;

import dev.daybook.internal.json.JsonText;
import dev.daybook.internal.time.Timestamps;
import dev.daybook.stream.AppendOptions;
import dev.daybook.stream.StreamConfig;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** The lines of the group being written. The only encoder of journal lines; used by the commit thread alone. */
final class GroupBuffer {
    private static final int KEEP_MAX = 8 << 20;
    private static final byte[] POS = ascii("{\"pos\":");
    private static final byte[] STREAM = ascii(",\"stream\":");
    private static final byte[] SEQ = ascii(",\"seq\":");
    private static final byte[] STATE = ascii(",\"state\":");
    private static final byte[] PRODUCER = ascii(",\"producer\":[");
    private static final byte[] ORDER = ascii(",\"order\":");
    private static final byte[] BATCH = ascii(",\"batch\":[");

    private final byte[] storeId;
    private final CRC32C crc = new CRC32C();
    /** {@code ,"synced":n,"time":"..."}: the same for every line of a group. */
    private byte[] middle = {};

    private long middleSynced = -1;
    private long middleMicros = Long.MIN_VALUE;
    private byte[] bytes = new byte[64 << 10];
    private int length;
    private int lineFrom;

    GroupBuffer(byte[] storeId) {
        this.storeId = storeId;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Empties it, for lines of this time, written when this position was known durable. */
    void begin(long micros, long synced) {
        if (bytes.length > KEEP_MAX) {
            bytes = new byte[64 << 10];
        }
        length = 0;
        if (synced != middleSynced || micros != middleMicros) {
            middle = ascii(",\"synced\":" + synced + ",\"time\":\"" + Timestamps.format(micros) + "\"");
            middleSynced = synced;
            middleMicros = micros;
        }
    }

    int length() {
        return length;
    }

    ByteBuffer lines() {
        return ByteBuffer.wrap(bytes, 0, length);
    }

    void event(
            long pos,
            Name stream,
            long seq,
            Fragment event,
            @Nullable StreamState state,
            @Nullable AppendOptions tuple,
            int batchIndex,
            int batchSize) {
        room(260 + stream.json.length + event.bytes());
        start(pos);
        put(STREAM);
        put(stream.json);
        put(SEQ);
        number(seq);
        bytes[length++] = ',';
        put(event.attributes());
        if (state != null) {
            byte[] json = state.json();
            room(json.length + 128);
            put(STATE);
            put(json);
        }
        tuple(tuple, batchIndex, batchSize);
        room(64 + event.bytes());
        put(event.prefix());
        put(event.payload());
        put(event.suffix());
        finish();
    }

    void create(long pos, Name stream, String kind, StreamConfig config, int batchIndex, int batchSize) {
        control(pos, stream, "create");
        text(",\"kind\":\"" + kind + "\",\"contentType\":");
        put(JsonText.encode(config.contentType()));
        if (config.ttl() != null) {
            text(",\"ttl\":" + config.ttl().toSeconds());
        }
        if (config.expires() != null) {
            text(",\"expires\":\"" + Timestamps.format(Timestamps.micros(config.expires())) + "\"");
        }
        tuple(null, batchIndex, batchSize);
        finish();
    }

    void truncate(long pos, Name stream, long before, long events, long removed, int batchIndex, int batchSize) {
        control(pos, stream, "truncate");
        text(",\"before\":" + before + ",\"events\":" + events + ",\"bytes\":" + removed);
        tuple(null, batchIndex, batchSize);
        finish();
    }

    /** A control record without fields of its own. */
    void control(
            long pos,
            @Nullable Name stream,
            String what,
            @Nullable AppendOptions tuple,
            int batchIndex,
            int batchSize) {
        control(pos, stream, what);
        tuple(tuple, batchIndex, batchSize);
        finish();
    }

    private void control(long pos, @Nullable Name stream, String what) {
        room(1_024 + (stream == null ? 0 : stream.json.length));
        start(pos);
        if (stream == null) {
            assert what.equals(Controls.MARK);
        } else {
            put(STREAM);
            put(stream.json);
        }
        text(",\"control\":\"" + what + "\"");
    }

    private void start(long pos) {
        lineFrom = length;
        put(POS);
        number(pos);
        put(middle);
    }

    private void tuple(@Nullable AppendOptions options, int batchIndex, int batchSize) {
        if (options != null) {
            AppendOptions.Producer producer = options.producer();
            String order = options.order();
            if (producer != null) {
                byte[] id = JsonText.encode(producer.id());
                room(id.length + 128);
                put(PRODUCER);
                put(id);
                bytes[length++] = ',';
                number(producer.epoch());
                bytes[length++] = ',';
                number(producer.seq());
                bytes[length++] = ']';
            }
            if (order != null) {
                byte[] token = JsonText.encode(order);
                room(token.length + 128);
                put(ORDER);
                put(token);
            }
        }
        if (batchSize > 1) {
            put(BATCH);
            number(batchIndex);
            bytes[length++] = ',';
            number(batchSize);
            bytes[length++] = ']';
        }
    }

    private void finish() {
        int value = Line.checksum(crc, storeId, bytes, lineFrom, length);
        Words.put(bytes, length, Line.CRC);
        Words.put(bytes, length + 8, Words.hex(value));
        length += 16;
        bytes[length++] = '"';
        bytes[length++] = '}';
        bytes[length++] = '\n';
    }

    private void room(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, (int)
                    Math.min(Integer.MAX_VALUE - 8L, Math.max(bytes.length * 2L, length + (long) more)));
        }
    }

    private void text(String text) {
        put(ascii(text));
    }

    private void put(byte[] from) {
        System.arraycopy(from, 0, bytes, length, from.length);
        length += from.length;
    }

    private void number(long value) {
        if (value == 0) {
            bytes[length++] = '0';
            return;
        }
        int digits = 0;
        for (long rest = value; rest > 0; rest /= 10) {
            digits++;
        }
        long rest = value;
        for (int i = length + digits - 1; i >= length; i--) {
            bytes[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        length += digits;
    }
}
