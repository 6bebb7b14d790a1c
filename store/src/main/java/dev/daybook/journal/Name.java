package dev.daybook.journal;

import dev.daybook.InvalidEventException;
import dev.daybook.internal.json.JsonSink;
import dev.daybook.internal.json.JsonText;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A stream's name: compared and ordered as bytes of UTF-8, never used as a file name. {@link #of} says what a good one is.
 */
public final class Name implements Comparable<Name> {
    public static final int BYTES_MAX = 512;

    private final byte[] utf8;
    private final int hash;
    private final String text;

    /** The name as a JSON string with its quotes. The encoder has one way to write it, so equal names have equal bytes here. */
    final byte[] json;

    private Name(String text, byte[] utf8) {
        this.text = text;
        this.utf8 = utf8;
        this.hash = hash(utf8, 0, utf8.length);
        this.json = JsonText.encode(text);
    }

    /** @throws InvalidEventException naming the rule that the name breaks */
    public static Name of(String text) {
        byte[] utf8 = JsonSink.utf8(text, "stream");
        if (utf8.length > BYTES_MAX) {
            throw new InvalidEventException(
                    "stream", -1, "a name has at most 512 bytes of UTF-8, this one " + utf8.length);
        }
        int segment = 0;
        for (int i = 0; i <= text.length(); i++) {
            char c = i == text.length() ? '/' : text.charAt(i);
            if (c < 0x20 || (c >= 0x7f && c < 0xa0)) {
                throw new InvalidEventException(
                        "stream",
                        -1,
                        "a name has no control characters, this one has U+" + String.format("%04X", (int) c));
            }
            if (c == '/') {
                String part = text.substring(segment, i);
                if (part.isEmpty() || part.equals(".") || part.equals("..")) {
                    throw new InvalidEventException(
                            "stream", -1, "a name has no empty, \".\" or \"..\" segment between slashes");
                }
                if (segment == 0 && part.equals("__ds")) {
                    throw new InvalidEventException("stream", -1, "the first segment \"__ds\" is reserved");
                }
                segment = i + 1;
            }
        }
        return new Name(text, utf8);
    }

    /** A name that a checked line holds. */
    static Name known(byte[] utf8) {
        return new Name(new String(utf8, StandardCharsets.UTF_8), utf8);
    }

    static int hash(byte[] bytes, int from, int to) {
        int h = 0x811c9dc5;
        for (int i = from; i < to; i++) {
            h = (h ^ bytes[i]) * 0x01000193;
        }
        return h ^ (h >>> 15);
    }

    /** Whether the prefix is this name or whole leading segments of it. The empty prefix matches all. */
    boolean within(byte[] prefix) {
        return prefix.length == 0
                || (utf8.length >= prefix.length
                        && Arrays.mismatch(utf8, 0, prefix.length, prefix, 0, prefix.length) < 0
                        && (utf8.length == prefix.length || utf8[prefix.length] == '/'));
    }

    byte[] utf8() {
        return utf8;
    }

    @Override
    public int compareTo(Name other) {
        return Arrays.compareUnsigned(utf8, other.utf8);
    }

    @Override
    public boolean equals(Object other) {
        return this == other || other instanceof Name name && hash == name.hash && Arrays.equals(utf8, name.utf8);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return text;
    }
}
