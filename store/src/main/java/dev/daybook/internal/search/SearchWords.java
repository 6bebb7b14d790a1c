package dev.daybook.internal.search;

import dev.daybook.DaybookOptions;
import org.jspecify.annotations.Nullable;

/**
 * A user's words as a query of SQLite's FTS5. Words are split at white space; each is quoted, so that no sign in it has a meaning there, and all must occur. What stands in
 * double quotes must occur side by side; a word that ends in {@code *} outside of quotes is a beginning. What has neither a letter nor a digit is left out, since nothing of it is in the index.
 */
public final class SearchWords {
    private static final int CHARS_MAX = 4_096;
    private static final int WORDS_MAX = 256;

    private final String words;
    private final StringBuilder query = new StringBuilder();
    private int count;

    private SearchWords(String words) {
        this.words = words;
    }

    /**
     * The query.
     *
     * @throws IllegalArgumentException when there is no letter or digit in it, or it is too long, or not Unicode
     */
    public static String query(String words) {
        if (words.length() > CHARS_MAX) {
            throw new IllegalArgumentException(
                    "a text to search for has at most " + CHARS_MAX + " characters, not " + words.length());
        }
        for (int i = 0; i < words.length(); i = words.offsetByCodePoints(i, 1)) {
            int c = words.codePointAt(i);
            if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
                throw new IllegalArgumentException("the text to search for has an unpaired surrogate at char " + i
                        + ", which no payload can have");
            }
        }
        return new SearchWords(SearchText.separated(words)).build();
    }

    /** @throws IllegalArgumentException when words are searched for in a store that keeps none */
    public static void requireSearch(@Nullable String words, DaybookOptions options) {
        if (words != null && !options.search()) {
            throw new IllegalArgumentException(
                    "text: this store was opened without search; see DaybookOptions.withSearch");
        }
    }

    private String build() {
        int at = 0;
        while (at < words.length()) {
            char c = words.charAt(at);
            if (c == '"') {
                int end = words.indexOf('"', at + 1);
                end = end < 0 ? words.length() : end;
                add(at + 1, end, false);
                at = Math.min(words.length(), end + 1);
            } else if (isSpace(c)) {
                at++;
            } else {
                int end = at;
                while (end < words.length() && words.charAt(end) != '"' && !isSpace(words.charAt(end))) {
                    end++;
                }
                int last = end;
                while (last > at && words.charAt(last - 1) == '*') {
                    last--;
                }
                add(at, last, last < end);
                at = end;
            }
        }
        if (count == 0) {
            throw new IllegalArgumentException("a text to search for needs a letter or a digit");
        }
        return query.toString();
    }

    private void add(int from, int to, boolean beginning) {
        String word = words.substring(from, to);
        if (word.codePoints().noneMatch(SearchWords::isSearched)) {
            return;
        }
        if (++count > WORDS_MAX) {
            throw new IllegalArgumentException("a text to search for has at most " + WORDS_MAX + " words");
        }
        // SQLite takes a NUL for the end of the query; in a payload it separates words, as a space does.
        query.append(count > 1 ? " \"" : "\"").append(word.replace('\0', ' ')).append('"');
        int last = word.codePointBefore(word.length());
        if (beginning && (isSearched(last) || Character.getType(last) == Character.NON_SPACING_MARK)) {
            query.append('*');
        }
    }

    private static boolean isSpace(char c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c);
    }

    /** As the index sees it: the letters and numbers of all scripts. */
    private static boolean isSearched(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.LETTER_NUMBER, Character.OTHER_NUMBER, Character.PRIVATE_USE -> true;
            default -> Character.isLetterOrDigit(codePoint);
        };
    }
}
