package dev.daybook.internal.json;

import dev.daybook.InvalidEventException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A growing row of bytes to which JSON is written. Not thread-safe. */
public final class JsonSink {
    private byte[] bytes;
    private int length;

    public JsonSink(int bytesExpected) {
        bytes = new byte[Math.max(bytesExpected, 16)];
    }

    /** UTF-8 of a caller's text; an unpaired surrogate, which has none, is refused by name and place. */
    public static byte[] utf8(String text, String field) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isSurrogate(c)) {
                if (Character.isHighSurrogate(c)
                        && i + 1 < text.length()
                        && Character.isLowSurrogate(text.charAt(i + 1))) {
                    i++;
                } else {
                    int at = text.substring(0, i).getBytes(StandardCharsets.UTF_8).length;
                    throw new InvalidEventException(field, at, "unpaired surrogate");
                }
            }
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Bytes of UTF-8 that a known-good JSON string literal, quotes included, stands for. */
    public static int decodedLength(byte[] bytes, int from, int to) {
        int length = 0;
        for (int i = from + 1; i < to - 1; i++) {
            if (bytes[i] != '\\') {
                length++;
            } else if (bytes[++i] == 'u') {
                int c = JsonText.hex4(bytes, i + 1);
                i += 4;
                length += c < 0x80 ? 1 : c < 0x800 ? 2 : Character.isSurrogate((char) c) ? 2 : 3; // a pair is 4
            } else {
                length++;
            }
        }
        return length;
    }

    public JsonSink ascii(String text) {
        int n = text.length();
        room(n);
        for (int i = 0; i < n; i++) {
            bytes[length + i] = (byte) text.charAt(i);
        }
        length += n;
        return this;
    }

    public JsonSink put(byte[] from) {
        return put(from, 0, from.length);
    }

    /** Writes {@code from[start, end)}. */
    public JsonSink put(byte[] from, int start, int end) {
        room(end - start);
        System.arraycopy(from, start, bytes, length, end - start);
        length += end - start;
        return this;
    }

    /** Writes a JSON string with its quotes. */
    public JsonSink string(String text) {
        return put(JsonText.encode(text));
    }

    public JsonSink number(long value) {
        return ascii(Long.toString(value));
    }

    public int length() {
        return length;
    }

    public byte[] toByteArray() {
        return Arrays.copyOf(bytes, length);
    }

    private void room(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }
}
