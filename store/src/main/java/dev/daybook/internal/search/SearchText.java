package dev.daybook.internal.search;

import dev.daybook.internal.json.JsonReader;
import dev.daybook.internal.json.JsonReader.Token;

/** What can be searched of a JSON value: itself if it is a string, else all strings in it, in their order. Names of fields, numbers, true and false are no text. */
public final class SearchText {
    private SearchText() {}

    /** The text of {@code bytes[from, to)}, which is valid JSON. Empty when there is none. */
    public static String of(byte[] bytes, int from, int to) {
        StringBuilder text = new StringBuilder();
        append(bytes, from, to, text);
        return text.toString();
    }

    /**
     * With a space for each emoji and each sign of the blocks that hold nothing else. SQLite takes those for letters that are newer than its tables. Blocks, not what Java knows of each character:
     * an index must not depend on the version of Java that made it.
     */
    static String separated(String text) {
        int at = 0;
        while (at < text.length() && !isSignOrSurrogate(text.charAt(at))) {
            at++;
        }
        if (at == text.length()) {
            return text;
        }
        return text.codePoints()
                .map(c -> isSign(c) ? ' ' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static boolean isSignOrSurrogate(char c) {
        return c >= 0x2000 && (Character.isSurrogate(c) || isSign(c));
    }

    private static boolean isSign(int codePoint) {
        return codePoint >= 0x2000
                && (codePoint <= 0x206F // punctuation
                        || codePoint >= 0x20A0 && codePoint <= 0x20CF // currencies
                        || codePoint >= 0x2190 && codePoint <= 0x2BFF // arrows, mathematics, symbols
                        || codePoint >= 0xFE00 && codePoint <= 0xFE0F // variations
                        || codePoint >= 0x1F000 && codePoint <= 0x1FAFF // emoji
                        || codePoint >= 0xE0000 && codePoint <= 0xE01EF); // tags and variations
    }

    /** Adds the text of a value to what is there, one space between. */
    public static void append(byte[] bytes, int from, int to, StringBuilder text) {
        JsonReader json = new JsonReader(bytes, from, to);
        for (Token token = json.next(); token != Token.END; token = json.next()) {
            if (token == Token.STRING) {
                if (!text.isEmpty()) {
                    text.append(' ');
                }
                text.append(separated(json.text()));
            }
        }
    }
}
