package dev.daybook.journal;

import dev.daybook.internal.json.JsonScanner;
import dev.daybook.internal.json.JsonSink;
import dev.daybook.internal.json.JsonText;
import dev.daybook.internal.time.Timestamps;
import dev.daybook.stream.PayloadForm;
import java.nio.charset.StandardCharsets;
import java.time.format.DateTimeParseException;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One line of the journal, taken apart by offsets, without copying and without parsing its payload. Reusable; not thread-safe.
 *
 * <p>{@link #check} must have accepted the bytes before {@link #parse} sees them: the checksum says that our encoder wrote them, so
 * parsing may rely on the field order of {@code docs/format/journal.md}.
 */
public final class Line {
    private static final Key DAYBOOK = new Key("{\"daybook\":");
    private static final Key SYNCED = new Key(",\"synced\":");
    private static final Key TIME = new Key(",\"time\":\"");
    private static final Key STREAM = new Key(",\"stream\":");
    private static final Key CONTROL = new Key(",\"control\":");
    private static final Key TYPE = new Key(",\"type\":");
    private static final Key SOURCE = new Key(",\"source\":");
    private static final Key SUBJECT = new Key(",\"subject\":");
    private static final Key OCCURRED = new Key(",\"occurred\":\"");
    private static final Key STATE = new Key(",\"state\":[");
    private static final Key PRODUCER = new Key(",\"producer\":[");
    private static final Key ORDER = new Key(",\"order\":");
    private static final Key BATCH = new Key(",\"batch\":[");
    private static final Key DATA = new Key(",\"data\":");
    private static final Key TEXT = new Key(",\"text\":");
    private static final Key BASE64 = new Key(",\"base64\":");

    /** What stands before the checksum. */
    static final long CRC = Words.of(",\"crc\":\"");

    /** Length of {@code ,"crc":"xxxxxxxx"}}. */
    static final int CRC_TAIL = 18;

    static final long NO_TIME = Long.MIN_VALUE;

    /** What a line is. */
    public enum Shape {
        EVENT,
        CONTROL,
        HEADER,
        SEAL,
        GAP
    }

    byte[] bytes = {};
    int start;
    int end; // of the line without its LF

    Shape shape = Shape.EVENT;
    long pos;
    long synced;
    int timeAt;
    int streamFrom; // of the JSON string, quotes included; streamTo == streamFrom when there is none
    int streamTo;
    long seq;
    int typeFrom;
    int typeTo;
    int sourceFrom;
    int sourceTo;
    int subjectFrom;
    int subjectTo;
    int idFrom;
    int idTo;
    int occurredAt;
    int stateFrom; // of the JSON array, brackets included; stateTo == stateFrom when there is none
    int stateTo;
    int producerFrom;
    int producerTo;
    long producerEpoch;
    long producerSeq;
    int orderFrom;
    int orderTo;
    int batchIndex;
    int batchSize;
    int payloadKey; // 'd', 't' or 'b'
    int payloadFrom;
    int payloadTo;
    String control = "";
    int controlFieldsFrom;

    private int at;
    private byte @Nullable [] secondText; // of the last time that was read, up to the point
    private long secondMicros;

    /** CRC-32C as the format wants it: seeded with the store id. */
    static int checksum(CRC32C crc, byte[] storeId, byte[] bytes, int from, int to) {
        crc.reset();
        crc.update(storeId, 0, storeId.length);
        crc.update(bytes, from, to - from);
        return (int) crc.getValue();
    }

    /** Whether bytes[from, to) (without LF) end with the right checksum. */
    static boolean check(CRC32C crc, byte[] storeId, byte[] bytes, int from, int to) {
        int body = to - CRC_TAIL;
        return body > from
                && bytes[from] == '{'
                && Words.at(bytes, body) == CRC
                && bytes[to - 2] == '"'
                && bytes[to - 1] == '}'
                && Words.at(bytes, body + 8) == Words.hex(checksum(crc, storeId, bytes, from, body));
    }

    /** The position of a checked line, or -1 for a line that has none (header, seal, gap). */
    static long position(byte[] bytes, int from) {
        if (bytes[from + 2] != 'p' || bytes[from + 3] != 'o') {
            return -1;
        }
        long value = 0;
        for (int i = from + 7; ; i++) {
            int digit = bytes[i] - '0';
            if (digit < 0 || digit > 9) {
                return value;
            }
            value = value * 10 + digit;
        }
    }

    /** Takes a checked line apart. Throws {@link MalformedLineException} when it does not follow the format all the same. */
    Line parse(byte[] line, int from, int to) {
        bytes = line;
        start = from;
        end = to;
        at = from;
        streamFrom = streamTo = sourceFrom = sourceTo = subjectFrom = subjectTo = idFrom = idTo = 0;
        producerFrom = producerTo = orderFrom = orderTo = occurredAt = stateFrom = stateTo = 0;
        batchIndex = batchSize = 1;
        control = "";
        seq = 0;
        if (!begins('p', 'o')) {
            shape = next(DAYBOOK)
                    ? Shape.HEADER
                    : begins('s', 'e')
                            ? Shape.SEAL
                            : begins('g', 'a') ? Shape.GAP : malformed("begins with none of pos, daybook, seal, gap");
            return this;
        }
        at += 7; // {"pos":
        pos = number();
        need(SYNCED);
        synced = number();
        need(TIME);
        timeAt = at;
        at += Timestamps.LENGTH;
        need('"');
        if (next(STREAM)) {
            streamFrom = at;
            string();
            streamTo = at;
        }
        if (bytes[at] == ','
                && bytes[at + 2] == 's'
                && bytes[at + 3] == 'e'
                && bytes[at + 4] == 'q'
                && bytes[at + 5] == '"') {
            at += 7; // ,"seq":
            shape = Shape.EVENT;
            seq = number();
            event();
        } else {
            shape = Shape.CONTROL;
            need(CONTROL);
            int f = at;
            string();
            control = new String(bytes, f + 1, at - f - 2, StandardCharsets.US_ASCII);
            controlFieldsFrom = at;
            controlTail();
        }
        return this;
    }

    /** Every line begins with a brace, a quote, and a name that two letters tell apart. */
    private boolean begins(char first, char second) {
        return bytes[start + 2] == first && bytes[start + 3] == second;
    }

    private void event() {
        need(TYPE);
        typeFrom = at;
        string();
        typeTo = at;
        if (next(SOURCE)) {
            sourceFrom = at;
            string();
            sourceTo = at;
        }
        if (next(SUBJECT)) {
            subjectFrom = at;
            string();
            subjectTo = at;
        }
        if (bytes[at + 2] == 'i' && bytes[at + 3] == 'd' && bytes[at + 4] == '"') {
            at += 6; // ,"id":
            idFrom = at;
            string();
            idTo = at;
        }
        if (next(OCCURRED)) {
            occurredAt = at;
            at += Timestamps.LENGTH;
            need('"');
        }
        tuple();
        payloadTo = end - CRC_TAIL;
        while (true) {
            if (next(DATA)) {
                payloadKey = 'd';
                payloadFrom = at;
                return;
            }
            if (next(TEXT)) {
                payloadKey = 't';
                payloadFrom = at;
                return;
            }
            if (next(BASE64)) {
                payloadKey = 'b';
                payloadFrom = at;
                return;
            }
            stateOrUnknown();
        }
    }

    /** A state stands before the tuple. It is looked for last, since plain streams have none. */
    private void stateOrUnknown() {
        if (next(STATE)) {
            stateFrom = at - 1;
            at = JsonScanner.skipValue(bytes, stateFrom, end - CRC_TAIL);
            stateTo = at;
            tuple();
        } else {
            skipUnknown(); // a field of a later version is ignored
        }
    }

    private void tuple() {
        if (next(PRODUCER)) {
            producerFrom = at;
            string();
            producerTo = at;
            need(',');
            producerEpoch = number();
            need(',');
            producerSeq = number();
            need(']');
        }
        if (next(ORDER)) {
            orderFrom = at;
            string();
            orderTo = at;
        }
        if (next(BATCH)) {
            batchIndex = (int) number();
            need(',');
            batchSize = (int) number();
            need(']');
            if (batchIndex < 1 || batchIndex > batchSize) {
                malformed("batch place " + batchIndex + " of " + batchSize);
            }
        }
    }

    private void controlTail() {
        while (at < end - CRC_TAIL) {
            int before = at;
            tuple();
            if (at == before) {
                skipUnknown();
            }
        }
    }

    private void skipUnknown() {
        if (at >= end - CRC_TAIL || bytes[at] != ',') {
            malformed("a field was expected");
        }
        at++;
        string();
        need(':');
        at = JsonScanner.skipValue(bytes, at, end - CRC_TAIL);
    }

    /** A field of a control record, as its JSON text, or null. */
    @Nullable
    String controlField(String name) {
        byte[] key = (",\"" + name + "\":").getBytes(StandardCharsets.US_ASCII);
        int from = controlFieldsFrom;
        while (from < end - CRC_TAIL) {
            at = from;
            int keyEnd = Math.min(from + key.length, end);
            boolean found = java.util.Arrays.equals(bytes, from, keyEnd, key, 0, key.length);
            if (found) {
                at = keyEnd;
            } else {
                at = from + 1;
                string();
                need(':');
            }
            int to = JsonScanner.skipValue(bytes, at, end - CRC_TAIL);
            if (found) {
                return new String(bytes, at, to - at, StandardCharsets.UTF_8);
            }
            from = to;
        }
        return null;
    }

    long controlNumber(String name) {
        String text = controlField(name);
        if (text == null) {
            malformed("control " + control + " has no " + name);
            return 0;
        }
        return Long.parseLong(text);
    }

    @Nullable
    String controlString(String name) {
        String text = controlField(name);
        if (text == null) {
            return null;
        }
        byte[] raw = text.getBytes(StandardCharsets.UTF_8);
        return JsonText.decode(raw, 0, raw.length);
    }

    String string(int from, int to) {
        return JsonText.decode(bytes, from, to);
    }

    Name name() {
        for (int i = streamFrom + 1; i < streamTo - 1; i++) {
            if (bytes[i] == '\\') {
                return Name.known(string(streamFrom, streamTo).getBytes(StandardCharsets.UTF_8));
            }
        }
        return Name.known(java.util.Arrays.copyOfRange(bytes, streamFrom + 1, streamTo - 1));
    }

    boolean isStream(Name name) {
        return java.util.Arrays.mismatch(bytes, streamFrom, streamTo, name.json, 0, name.json.length) < 0;
    }

    long timeMicros() {
        // Neighbours are mostly of the same second: only the fraction is read again.
        int from = timeAt;
        if (secondText != null
                && bytes[from + 26] == 'Z'
                && java.util.Arrays.equals(bytes, from, from + 20, secondText, 0, 20)) {
            int fraction = 0;
            for (int i = from + 20; i < from + 26; i++) {
                int digit = bytes[i] - '0';
                if (digit < 0 || digit > 9) {
                    return time(bytes, from); // says what is wrong
                }
                fraction = fraction * 10 + digit;
            }
            return secondMicros + fraction;
        }
        long micros = time(bytes, from);
        secondText = java.util.Arrays.copyOfRange(bytes, from, from + 20);
        secondMicros = micros - Math.floorMod(micros, 1_000_000L);
        return micros;
    }

    static long time(byte[] bytes, int at) {
        try {
            return Timestamps.parse(bytes, at);
        } catch (DateTimeParseException e) {
            throw new MalformedLineException(String.valueOf(e.getMessage()));
        }
    }

    PayloadForm form() {
        return switch (payloadKey) {
            case 'd' -> PayloadForm.JSON;
            case 't' -> PayloadForm.TEXT;
            default -> PayloadForm.BINARY;
        };
    }

    /** Bytes of the payload as its caller gave it. */
    int rawBytes() {
        return switch (payloadKey) {
            case 'd' -> payloadTo - payloadFrom;
            case 'b' -> {
                int text = payloadTo - payloadFrom - 2;
                int padding = 0;
                while (padding < 2 && text > 0 && bytes[payloadTo - 2 - padding] == '=') {
                    padding++;
                }
                yield text / 4 * 3 - padding;
            }
            default -> JsonSink.decodedLength(bytes, payloadFrom, payloadTo);
        };
    }

    /** A field's beginning, of 8 to 16 characters: its first eight and its last eight, which may overlap, so that comparing needs no loop. */
    private static final class Key {
        private final String text;
        private final int length;
        private final long first;
        private final long last;

        Key(String text) {
            this.text = text;
            length = text.length();
            first = Words.of(text.substring(0, 8));
            last = Words.of(text.substring(length - 8));
        }
    }

    private boolean next(Key key) {
        int from = at;
        int to = from + key.length;
        if (to > end || Words.at(bytes, from) != key.first || Words.at(bytes, to - 8) != key.last) {
            return false;
        }
        at = to;
        return true;
    }

    private void need(Key key) {
        if (!next(key)) {
            expected(key.text);
        }
    }

    private boolean next(char expected) {
        if (at < end && bytes[at] == expected) {
            at++;
            return true;
        }
        return false;
    }

    private void need(char expected) {
        if (!next(expected)) {
            expected(String.valueOf(expected));
        }
    }

    private void expected(String what) {
        malformed("expected " + what + " at byte " + (at - start) + " of the line");
    }

    private long number() {
        long value = 0;
        int from = at;
        while (at < end && bytes[at] >= '0' && bytes[at] <= '9') {
            value = value * 10 + (bytes[at++] - '0');
        }
        if (at == from || at - from > 19) {
            malformed("a number was expected at byte " + (at - start) + " of the line");
        }
        return value;
    }

    private void string() {
        if (at >= end || bytes[at] != '"') {
            malformed("a string was expected at byte " + (at - start) + " of the line");
        }
        for (int i = at + 1; i < end; i++) {
            if (bytes[i] == '\\') {
                i++;
            } else if (bytes[i] == '"') {
                at = i + 1;
                return;
            }
        }
        malformed("a string does not end");
    }

    private Shape malformed(String reason) {
        throw new MalformedLineException(reason);
    }

    /** A line with a right checksum that does not follow the format: another program wrote it, or a newer Daybook. */
    static final class MalformedLineException extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final String reason;

        MalformedLineException(String reason) {
            super(reason, null, false, false);
            this.reason = reason;
        }

        String reason() {
            return reason;
        }
    }
}
