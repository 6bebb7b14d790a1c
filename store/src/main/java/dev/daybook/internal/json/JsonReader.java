package dev.daybook.internal.json;

import java.nio.charset.StandardCharsets;

/**
 * Goes through a JSON value that is known to be valid, token by token: for those who want a few fields of a payload. Nothing is checked, and nothing is decoded that
 * is not asked for.
 *
 * <pre>{@code
 * JsonReader json = new JsonReader(bytes, from, to);
 * if (json.next() == Token.OBJECT) {
 *     while (json.next() == Token.KEY) {
 *         if (json.is("role") && json.next() == Token.STRING) {
 *             role = json.text();
 *         } else {
 *             json.skip();
 *         }
 *     }
 * }
 * }</pre>
 */
public final class JsonReader {
    /** What {@link #next} found. */
    public enum Token {
        OBJECT,
        OBJECT_END,
        ARRAY,
        ARRAY_END,
        /** The name of a field. Its value comes next. */
        KEY,
        STRING,
        NUMBER,
        TRUE,
        FALSE,
        NULL,
        /** Behind the value. */
        END
    }

    private final byte[] bytes;
    private final int to;

    /** Where the next token is looked for. */
    private int at;

    private Token token = Token.END;
    private int start;

    /** Reads {@code bytes[from, to)}: one valid JSON value, with white space around it or not. */
    public JsonReader(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.to = to;
        at = from;
        start = from;
    }

    /** Goes to the next token. */
    public Token next() {
        start = at;
        while (start < to && (isSpace(bytes[start]) || bytes[start] == ',' || bytes[start] == ':')) {
            start++;
        }
        if (start == to) {
            at = to;
            token = Token.END;
            return token;
        }
        switch (bytes[start]) {
            case '{', '[' -> {
                token = bytes[start] == '{' ? Token.OBJECT : Token.ARRAY;
                at = start + 1;
            }
            case '}', ']' -> {
                token = bytes[start] == '}' ? Token.OBJECT_END : Token.ARRAY_END;
                at = start + 1;
            }
            case '"' -> {
                at = JsonScanner.skipValue(bytes, start, to);
                int behind = skipSpace(bytes, at, to);
                token = behind < to && bytes[behind] == ':' ? Token.KEY : Token.STRING;
            }
            default -> {
                at = JsonScanner.skipValue(bytes, start, to);
                token = switch (bytes[start]) {
                    case 't' -> Token.TRUE;
                    case 'f' -> Token.FALSE;
                    case 'n' -> Token.NULL;
                    default -> Token.NUMBER;
                };
            }
        }
        return token;
    }

    /** At a key: goes behind its value. At the beginning of an object or array: goes behind its end. Else does nothing. */
    public void skip() {
        switch (token) {
            case KEY -> at = JsonScanner.skipValue(bytes, at, to);
            case OBJECT, ARRAY -> at = JsonScanner.skipValue(bytes, start, to);
            default -> {}
        }
    }

    /** What {@link #next} found last. */
    public Token token() {
        return token;
    }

    /** Offset of the token's first byte. */
    public int start() {
        return start;
    }

    /** Offset behind the token, or behind what was skipped. */
    public int end() {
        return at;
    }

    /** At a string or key: whether it stands for this text. */
    public boolean is(String text) {
        int first = start + 1;
        int length = at - 1 - first;
        for (int i = 0; i < length; i++) {
            byte b = bytes[first + i];
            if (b == '\\' || b < 0) {
                return text().equals(text);
            }
            if (i == text.length() || b != text.charAt(i)) {
                return false;
            }
        }
        return length == text.length();
    }

    /** At a string or key: what it stands for. At a number: as it is written. */
    public String text() {
        return token == Token.NUMBER
                ? new String(bytes, start, at - start, StandardCharsets.US_ASCII)
                : JsonText.decode(bytes, start, at);
    }

    static int skipSpace(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && isSpace(bytes[at])) {
            at++;
        }
        return at;
    }

    static boolean isSpace(byte b) {
        return b == ' ' || b == '\t' || b == '\n' || b == '\r';
    }
}
