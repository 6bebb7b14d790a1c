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

    /** Adds the text of a value to what is there, one space between. */
    public static void append(byte[] bytes, int from, int to, StringBuilder text) {
        JsonReader json = new JsonReader(bytes, from, to);
        for (Token token = json.next(); token != Token.END; token = json.next()) {
            if (token == Token.STRING) {
                if (!text.isEmpty()) {
                    text.append(' ');
                }
                text.append(json.text());
            }
        }
    }
}
