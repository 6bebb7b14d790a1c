package dev.daybook.internal.json;

import java.nio.charset.StandardCharsets;

/**
 * One string, between Java and JSON. Written are raw UTF-8 and as few escapes as keep a line one line in every tool:
 * the quote, the backslash, all control characters, DEL, and U+2028 and U+2029, which some readers take for line ends.
 */
public final class JsonText {
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    /** What follows the backslash for an ASCII character: its short form, 'u' for the long form, 0 for no escape. */
    private static final byte[] ESCAPES = escapes();

    private static final int LONG_ESCAPE_BYTES = 6;

    private JsonText() {}

    /** The string as a JSON string literal, quotes included. */
    public static byte[] encode(String text) {
        byte[] bytes = new byte[encodedLength(text)];
        encode(text, bytes, 0);
        return bytes;
    }

    /**
     * Length in bytes of what {@link #encode} writes.
     *
     * @throws InvalidJsonException if the string has an unpaired surrogate, which UTF-8 cannot carry
     */
    public static int encodedLength(String text) {
        long length = 2;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                byte escape = ESCAPES[c];
                length += escape == 0 ? 1 : escape == 'u' ? LONG_ESCAPE_BYTES : 2;
            } else if (c < 0x800) {
                length += 2;
            } else if (Character.isSurrogate(c)) {
                requirePair(text, i);
                length += 4;
                i++;
            } else {
                length += isLineSeparator(c) ? LONG_ESCAPE_BYTES : 3;
            }
        }
        return Math.toIntExact(length);
    }

    /**
     * Writes the literal to {@code target} from {@code at} on, where {@link #encodedLength} bytes must be free.
     *
     * @return the offset after the closing quote
     * @throws InvalidJsonException if the string has an unpaired surrogate; the target is then written in part
     */
    public static int encode(String text, byte[] target, int at) {
        int to = at;
        target[to++] = '"';
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                byte escape = ESCAPES[c];
                if (escape == 0) {
                    target[to++] = (byte) c;
                } else if (escape == 'u') {
                    to = putLongEscape(c, target, to);
                } else {
                    target[to++] = '\\';
                    target[to++] = escape;
                }
            } else if (Character.isSurrogate(c)) {
                requirePair(text, i);
                i++;
                to = putUtf8(Character.toCodePoint(c, text.charAt(i)), target, to);
            } else {
                to = isLineSeparator(c) ? putLongEscape(c, target, to) : putUtf8(c, target, to);
            }
        }
        target[to++] = '"';
        return to;
    }

    /** The string that the literal {@code bytes[from, to)}, quotes included and known to be valid, stands for. */
    public static String decode(byte[] bytes, int from, int to) {
        int start = from + 1;
        int end = to - 1;
        for (int at = start; at < end; at++) {
            if (bytes[at] == '\\') {
                byte[] unescaped = new byte[end - start];
                int length = unescape(bytes, start, end, unescaped, 0);
                return new String(unescaped, 0, length, StandardCharsets.UTF_8);
            }
        }
        return new String(bytes, start, end - start, StandardCharsets.UTF_8);
    }

    /**
     * Writes what the valid inside {@code [from, to)} of a literal stands for, as UTF-8, which never is longer.
     *
     * @return the offset in {@code target} after the last byte written
     */
    static int unescape(byte[] bytes, int from, int to, byte[] target, int targetFrom) {
        int written = targetFrom;
        int at = from;
        while (at < to) {
            byte b = bytes[at++];
            if (b != '\\') {
                target[written++] = b;
                continue;
            }
            byte kind = bytes[at++];
            if (kind != 'u') {
                target[written++] = shortEscape(kind);
                continue;
            }
            int codePoint = hex4(bytes, at);
            at += 4;
            if (Character.isHighSurrogate((char) codePoint)) {
                codePoint = Character.toCodePoint((char) codePoint, (char) hex4(bytes, at + 2));
                at += LONG_ESCAPE_BYTES;
            }
            written = putUtf8(codePoint, target, written);
        }
        return written;
    }

    /** Value of the four hexadecimal digits at {@code at}, or a negative number if they are not. */
    static int hex4(byte[] bytes, int at) {
        return (hex(bytes[at]) << 12) | (hex(bytes[at + 1]) << 8) | (hex(bytes[at + 2]) << 4) | hex(bytes[at + 3]);
    }

    private static int hex(byte b) {
        if (b >= '0' && b <= '9') {
            return b - '0';
        }
        int letter = b | 0x20;
        return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
    }

    private static byte shortEscape(byte kind) {
        return switch (kind) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            default -> kind;
        };
    }

    private static int putLongEscape(char c, byte[] target, int at) {
        target[at] = '\\';
        target[at + 1] = 'u';
        target[at + 2] = HEX[c >>> 12];
        target[at + 3] = HEX[(c >>> 8) & 0xF];
        target[at + 4] = HEX[(c >>> 4) & 0xF];
        target[at + 5] = HEX[c & 0xF];
        return at + LONG_ESCAPE_BYTES;
    }

    private static int putUtf8(int codePoint, byte[] target, int at) {
        int to = at;
        if (codePoint < 0x80) {
            target[to++] = (byte) codePoint;
        } else if (codePoint < 0x800) {
            target[to++] = (byte) (0xC0 | (codePoint >>> 6));
            target[to++] = (byte) (0x80 | (codePoint & 0x3F));
        } else {
            if (codePoint < 0x10000) {
                target[to++] = (byte) (0xE0 | (codePoint >>> 12));
            } else {
                target[to++] = (byte) (0xF0 | (codePoint >>> 18));
                target[to++] = (byte) (0x80 | ((codePoint >>> 12) & 0x3F));
            }
            target[to++] = (byte) (0x80 | ((codePoint >>> 6) & 0x3F));
            target[to++] = (byte) (0x80 | (codePoint & 0x3F));
        }
        return to;
    }

    private static boolean isLineSeparator(char c) {
        return c == '\u2028' || c == '\u2029';
    }

    private static void requirePair(String text, int index) {
        boolean pair = Character.isHighSurrogate(text.charAt(index))
                && index + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(index + 1));
        if (!pair) {
            throw new InvalidJsonException(InvalidJsonException.NOT_A_BYTE, "unpaired surrogate at char " + index);
        }
    }

    private static byte[] escapes() {
        byte[] escapes = new byte[0x80];
        for (int c = 0; c < 0x20; c++) {
            escapes[c] = 'u';
        }
        escapes[0x7F] = 'u';
        escapes['"'] = '"';
        escapes['\\'] = '\\';
        escapes['\b'] = 'b';
        escapes['\f'] = 'f';
        escapes['\n'] = 'n';
        escapes['\r'] = 'r';
        escapes['\t'] = 't';
        return escapes;
    }
}
