package dev.daybook.internal.json;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * Decides whether bytes are one JSON value, more strictly than any library we tried: what enters the journal must be
 * readable by every reader, for ever, and mean the same to all of them. Hence RFC 8259 to the letter, and besides no
 * malformed UTF-8, no byte-order mark, no duplicate keys (after unescaping), no unpaired surrogate escapes, at most
 * {@link #DEPTH_MAX} levels and {@link #NUMBER_DIGITS_MAX} characters to a number.
 *
 * <p>One pass over the bytes, without recursion, so that no input can exhaust the stack. Strings, which are most of a
 * line, are read eight bytes at a time. Reusable, but not by two threads at once.
 */
public final class JsonScanner {
    /** Arrays and objects that may be open at one moment. */
    public static final int DEPTH_MAX = 128;

    /** Characters of one number, sign, point and exponent included. */
    public static final int NUMBER_DIGITS_MAX = 1_000;

    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int TRUE = ('e' << 24) | ('u' << 16) | ('r' << 8) | 't';
    private static final int NULL = ('l' << 24) | ('l' << 16) | ('u' << 8) | 'n';
    private static final int FALSE_TAIL = ('e' << 24) | ('s' << 16) | ('l' << 8) | 'a';

    private static final long EACH_BYTE = 0x0101010101010101L;
    private static final long SPACES = EACH_BYTE * ' ';
    private static final long QUOTES = EACH_BYTE * '"';
    private static final long BACKSLASHES = EACH_BYTE * '\\';

    private static final int ARRAY = -1;
    private static final int REASON_KEY_CHARS_MAX = 64;

    private final SeenKeys keys = new SeenKeys();

    /** For each open container {@link #ARRAY} or the object's name in {@link #keys}; index 0 is outside of all. */
    private final int[] open = new int[DEPTH_MAX + 1];

    private int from;
    private boolean lineBreak;

    /**
     * Checks that {@code bytes[from, to)} is exactly one JSON value with optional white space around it.
     *
     * @return true if a raw CR or LF stands between tokens, which the journal must write as a space
     * @throws InvalidJsonException with the offset from {@code from} and the reason
     */
    public boolean check(byte[] bytes, int from, int to) throws InvalidJsonException {
        Objects.checkFromToIndex(from, to, bytes.length);
        this.from = from;
        lineBreak = false;
        keys.clear();
        int depth = 0;
        int container = ARRAY;
        int at = from;
        value:
        while (true) {
            at = skipSpace(bytes, at, to);
            byte first = at < to ? bytes[at] : 0;
            switch (first) {
                case '"' -> at = stringEnd(bytes, at + 1, to);
                case '{', '[' -> {
                    if (depth == DEPTH_MAX) {
                        throw invalid(at, "nested deeper than " + DEPTH_MAX);
                    }
                    container = first == '{' ? keys.open() : ARRAY;
                    open[++depth] = container;
                    at = skipSpace(bytes, at + 1, to);
                    if (at == to || bytes[at] != first + 2) { // in ASCII each bracket closes two after it opens
                        if (first == '{') {
                            at = key(bytes, at, to, container);
                        }
                        continue value;
                    }
                    container = open[--depth];
                    at++;
                }
                case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> at = numberEnd(bytes, at, to);
                case 't', 'f', 'n' -> at = literalEnd(bytes, at, to);
                default -> throw noValue(bytes, at, to);
            }
            while (true) {
                at = skipSpace(bytes, at, to);
                if (depth == 0) {
                    if (at < to) {
                        throw invalid(at, "text after the end of the value");
                    }
                    return lineBreak;
                }
                byte next = at < to ? bytes[at] : 0;
                if (next == ',') {
                    at++;
                    if (container != ARRAY) {
                        at = key(bytes, skipSpace(bytes, at, to), to, container);
                    }
                    continue value;
                }
                if (next != (container == ARRAY ? ']' : '}')) {
                    String expected = container == ARRAY ? "expected ',' or ']'" : "expected ',' or '}'";
                    throw invalid(at, expected + found(bytes, at, to));
                }
                if (container != ARRAY) {
                    keys.close(container);
                }
                container = open[--depth];
                at++;
            }
        }
    }

    /**
     * End of the value that starts at {@code from}, after white space. For reading a field out of a line known to be
     * good: nothing is checked.
     */
    public static int skipValue(byte[] bytes, int from, int to) {
        int at = from;
        int depth = 0;
        while (at < to) {
            switch (bytes[at]) {
                case '"' -> at = skipString(bytes, at + 1, to);
                case '{', '[' -> {
                    depth++;
                    at++;
                    continue;
                }
                case '}', ']' -> {
                    depth--;
                    at++;
                }
                case ' ', '\t', '\n', '\r', ',', ':' -> {
                    at++;
                    continue;
                }
                default -> at = skipScalar(bytes, at, to);
            }
            if (depth <= 0) {
                return at;
            }
        }
        return to;
    }

    /**
     * Strict UTF-8: first byte of the first sequence that is overlong, a surrogate, above U+10FFFF, cut off or no
     * sequence at all; -1 if all is well. A byte-order mark is well-formed.
     */
    public static int invalidUtf8(byte[] bytes, int from, int to) {
        Objects.checkFromToIndex(from, to, bytes.length);
        return Utf8.firstInvalid(bytes, from, to);
    }

    /** Compared pairs of keys in the last check, beyond the first few of each object. */
    long keyComparisons() {
        return keys.comparisons();
    }

    private int skipSpace(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to) {
            byte b = bytes[at];
            if (b == '\n' || b == '\r') {
                lineBreak = true;
            } else if (b != ' ' && b != '\t') {
                break;
            }
            at++;
        }
        return at;
    }

    /** Reads a key and its colon; returns the offset after the colon. */
    private int key(byte[] bytes, int quote, int to, int object) {
        if (quote == to || bytes[quote] != '"') {
            throw noKey(bytes, quote, to);
        }
        int start = quote + 1;
        int plainEnd = plainEnd(bytes, start, to);
        int end = plainEnd < to && bytes[plainEnd] == '"' ? plainEnd : stringEnd(bytes, plainEnd, to) - 1;
        boolean plain = end == plainEnd || !hasEscape(bytes, plainEnd, end);
        boolean added = plain ? keys.add(bytes, start, end, object) : keys.addEscaped(bytes, start, end, object);
        if (!added) {
            throw invalid(quote, "duplicate key " + quoted(JsonText.decode(bytes, quote, end + 1)));
        }
        int colon = skipSpace(bytes, end + 1, to);
        if (colon == to || bytes[colon] != ':') {
            throw invalid(colon, "expected ':'" + found(bytes, colon, to));
        }
        return colon + 1;
    }

    /** Reads a string from inside its quotes; returns the offset after the closing one. */
    private int stringEnd(byte[] bytes, int from, int to) {
        int at = from;
        while (true) {
            at = plainEnd(bytes, at, to);
            if (at == to) {
                throw invalid(to, "string without end");
            }
            byte b = bytes[at];
            if (b == '"') {
                return at + 1;
            }
            if (b == '\\') {
                at = escapeEnd(bytes, at, to);
            } else if (b < 0) {
                at = nonAsciiEnd(bytes, at, to);
            } else {
                throw invalid(at, "raw control character " + hex(b) + " in a string");
            }
        }
    }

    /**
     * First byte from {@code from} on that is a quote, a backslash, a control character or not ASCII. In each byte of
     * the sum the high bit is set if it is one of these; a borrow can only disturb bytes above the first such one, and
     * the first is all we look at. May read, but not believe, bytes between {@code to} and the end of the array.
     */
    private static int plainEnd(byte[] bytes, int from, int to) {
        int at = from;
        int last = bytes.length - Long.BYTES;
        while (at < to && at <= last) {
            long word = (long) Utf8.LONG.get(bytes, at);
            long stops = ((word - SPACES) | ((word ^ QUOTES) - EACH_BYTE) | ((word ^ BACKSLASHES) - EACH_BYTE) | word)
                    & Utf8.HIGH_BITS;
            if (stops != 0) {
                return Math.min(at + (Long.numberOfTrailingZeros(stops) >>> 3), to);
            }
            at += Long.BYTES;
        }
        while (at < to && bytes[at] >= ' ' && bytes[at] != '"' && bytes[at] != '\\') {
            at++;
        }
        return Math.min(at, to);
    }

    private int nonAsciiEnd(byte[] bytes, int from, int to) {
        int at = from;
        do {
            int end = Utf8.endOfSequence(bytes, at, to);
            if (end < 0) {
                throw invalid(at, "malformed UTF-8, byte " + hex(bytes[at]));
            }
            at = end;
        } while (at < to && bytes[at] < 0);
        return at;
    }

    private int escapeEnd(byte[] bytes, int backslash, int to) {
        if (backslash + 1 == to) {
            throw invalid(to, "string without end");
        }
        return switch (bytes[backslash + 1]) {
            case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> backslash + 2;
            case 'u' -> longEscapeEnd(bytes, backslash, to);
            default -> throw invalid(backslash, "unknown escape");
        };
    }

    private int longEscapeEnd(byte[] bytes, int backslash, int to) {
        int end = backslash + 6;
        int c = hexAfter(bytes, backslash, to);
        if (c < 0) {
            throw invalid(backslash, "\\u without four hexadecimal digits");
        }
        if (!Character.isSurrogate((char) c)) {
            return end;
        }
        boolean pair = Character.isHighSurrogate((char) c)
                && to - end >= 2
                && bytes[end] == '\\'
                && bytes[end + 1] == 'u'
                && hexAfter(bytes, end, to) >= Character.MIN_LOW_SURROGATE
                && hexAfter(bytes, end, to) <= Character.MAX_LOW_SURROGATE;
        if (!pair) {
            throw invalid(backslash, "unpaired surrogate escape");
        }
        return end + 6;
    }

    private static int hexAfter(byte[] bytes, int backslash, int to) {
        return to - backslash < 6 ? -1 : JsonText.hex4(bytes, backslash + 2);
    }

    private int numberEnd(byte[] bytes, int start, int to) {
        int at = bytes[start] == '-' ? start + 1 : start;
        int digits = at;
        at = digitsEnd(bytes, digits, to);
        if (at - digits > 1 && bytes[digits] == '0') {
            throw invalid(digits, "leading zero");
        }
        if (at < to && bytes[at] == '.') {
            at = digitsEnd(bytes, at + 1, to);
        }
        if (at < to && (bytes[at] | 0x20) == 'e') {
            at++;
            boolean signed = at < to && (bytes[at] == '+' || bytes[at] == '-');
            at = digitsEnd(bytes, signed ? at + 1 : at, to);
        }
        if (at - start > NUMBER_DIGITS_MAX) {
            throw invalid(start, "number longer than " + NUMBER_DIGITS_MAX + " digits");
        }
        return at;
    }

    private int digitsEnd(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && bytes[at] >= '0' && bytes[at] <= '9') {
            at++;
        }
        if (at == from) {
            throw invalid(at, "expected a digit" + found(bytes, at, to));
        }
        return at;
    }

    private int literalEnd(byte[] bytes, int at, int to) {
        if (to - at >= 4) {
            int word = (int) INT.get(bytes, at);
            if (word == TRUE || word == NULL) {
                return at + 4;
            }
            if (to - at >= 5 && bytes[at] == 'f' && (int) INT.get(bytes, at + 1) == FALSE_TAIL) {
                return at + 5;
            }
        }
        throw invalid(at, "expected true, false or null");
    }

    private static boolean hasEscape(byte[] bytes, int from, int to) {
        for (int at = from; at < to; at++) {
            if (bytes[at] == '\\') {
                return true;
            }
        }
        return false;
    }

    private static int skipString(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to) {
            at = plainEnd(bytes, at, to);
            if (at < to) {
                byte b = bytes[at];
                at += b == '\\' ? 2 : 1;
                if (b == '"') {
                    return at;
                }
            }
        }
        return to;
    }

    private static int skipScalar(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && bytes[at] > ' ' && bytes[at] != ',' && bytes[at] != ']' && bytes[at] != '}') {
            at++;
        }
        return Math.max(at, Math.min(from + 1, to));
    }

    private InvalidJsonException noValue(byte[] bytes, int at, int to) {
        if (at == to) {
            boolean empty = skipSpace(bytes, from, to) == to;
            return invalid(at, empty ? "no value" : "expected a value, found the end");
        }
        if (at == from && startsWithByteOrderMark(bytes, at, to)) {
            return invalid(at, "byte-order mark");
        }
        return switch (bytes[at]) {
            case ']', '}' -> invalid(at, "trailing comma or missing value" + found(bytes, at, to));
            case 'N', 'I' -> invalid(at, "NaN and Infinity are not JSON");
            case '/' -> invalid(at, "comments are not JSON");
            case '\'' -> invalid(at, "single quotes are not JSON");
            default -> invalid(at, "expected a value" + found(bytes, at, to));
        };
    }

    private InvalidJsonException noKey(byte[] bytes, int at, int to) {
        if (at < to && bytes[at] == '}') {
            return invalid(at, "trailing comma" + found(bytes, at, to));
        }
        if (at < to && bytes[at] == '/') {
            return invalid(at, "comments are not JSON");
        }
        return invalid(at, "expected a key in quotes" + found(bytes, at, to));
    }

    private static boolean startsWithByteOrderMark(byte[] bytes, int at, int to) {
        return to - at >= 3 && bytes[at] == (byte) 0xEF && bytes[at + 1] == (byte) 0xBB && bytes[at + 2] == (byte) 0xBF;
    }

    private InvalidJsonException invalid(int at, String reason) {
        return new InvalidJsonException(at - from, reason);
    }

    private static String found(byte[] bytes, int at, int to) {
        if (at == to) {
            return ", found the end";
        }
        byte b = bytes[at];
        return b > ' ' && b < 0x7F ? ", found '" + (char) b + "'" : ", found byte " + hex(b);
    }

    private static String hex(byte b) {
        return String.format("0x%02X", b);
    }

    /** The key as a literal, so that no control character gets into a log, and shortened. */
    private static String quoted(String key) {
        if (key.length() <= REASON_KEY_CHARS_MAX) {
            return new String(JsonText.encode(key), StandardCharsets.UTF_8);
        }
        boolean split = Character.isHighSurrogate(key.charAt(REASON_KEY_CHARS_MAX - 1));
        String start = key.substring(0, split ? REASON_KEY_CHARS_MAX - 1 : REASON_KEY_CHARS_MAX);
        return new String(JsonText.encode(start + "..."), StandardCharsets.UTF_8);
    }
}
