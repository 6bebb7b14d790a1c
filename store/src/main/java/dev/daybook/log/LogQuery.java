package dev.daybook.log;

import dev.daybook.Freshness;
import dev.daybook.internal.search.ComparedText;
import dev.daybook.internal.search.SearchWords;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Which rows of the log. Conditions are joined by "and"; texts are compared as bytes. Immutable.
 *
 * @param source equal to this, or null for any
 * @param type equal to this, or null for any
 * @param ref equal to this, or null for any
 * @param noRef only rows without a ref
 * @param since at or after this time, or null
 * @param until at or before this time, or null
 * @param text words that must all occur in the payload's strings, or null; see {@link #text(String)}
 * @param order in which order
 * @param limit 1 to 10,000; 20 by default
 * @param cursor where the page before ended, or null
 * @param freshness how new the answer must be
 */
public record LogQuery(
        @Nullable String source,
        @Nullable String type,
        @Nullable String ref,
        boolean noRef,
        @Nullable Instant since,
        @Nullable Instant until,
        @Nullable String text,
        Order order,
        int limit,
        @Nullable String cursor,
        Freshness freshness) {
    private static final int LIMIT_MAX = 10_000;

    /** By time, then by id: a row that says when it happened stands there, however late it came. With a text by id alone. */
    public enum Order {
        NEWEST,
        OLDEST,
        /** What fits a text best first. Needs a text, has no further pages, and at most 1,000 rows. */
        RANK
    }

    private static final LogQuery ALL =
            new LogQuery(null, null, null, false, null, null, null, Order.NEWEST, 20, null, Freshness.own());

    /** @throws IllegalArgumentException naming the condition that cannot be honoured */
    public LogQuery {
        if (limit < 1 || limit > LIMIT_MAX) {
            throw new IllegalArgumentException("a limit is 1 to " + LIMIT_MAX + ", not " + limit);
        }
        ComparedText.require("source", source);
        ComparedText.require("type", type);
        ComparedText.require("ref", ref);
        if (text != null) {
            SearchWords.query(text);
        }
    }

    /** All rows, newest first. */
    public static LogQuery all() {
        return ALL;
    }

    public LogQuery source(String value) {
        return new LogQuery(value, type, ref, noRef, since, until, text, order, limit, cursor, freshness);
    }

    public LogQuery type(String value) {
        return new LogQuery(source, value, ref, noRef, since, until, text, order, limit, cursor, freshness);
    }

    public LogQuery ref(String value) {
        return new LogQuery(source, type, value, false, since, until, text, order, limit, cursor, freshness);
    }

    public LogQuery withoutRef() {
        return new LogQuery(source, type, null, true, since, until, text, order, limit, cursor, freshness);
    }

    public LogQuery since(@Nullable Instant value) {
        return new LogQuery(source, type, ref, noRef, value, until, text, order, limit, cursor, freshness);
    }

    public LogQuery until(@Nullable Instant value) {
        return new LogQuery(source, type, ref, noRef, since, value, text, order, limit, cursor, freshness);
    }

    /**
     * Rows with all these words among the strings of their payload; upper and lower case are alike, accents too. Words are split at white space. {@code "two words"} in double quotes stand side by side; a word that ends in
     * {@code *} is a beginning; no other sign means anything.
     *
     * @throws IllegalArgumentException when it has no letter or digit, an unpaired surrogate, or more than 4,096 characters or 256 words
     */
    public LogQuery text(@Nullable String words) {
        return new LogQuery(source, type, ref, noRef, since, until, words, order, limit, cursor, freshness);
    }

    public LogQuery order(Order value) {
        return new LogQuery(source, type, ref, noRef, since, until, text, value, limit, cursor, freshness);
    }

    public LogQuery limit(int value) {
        return new LogQuery(source, type, ref, noRef, since, until, text, order, value, cursor, freshness);
    }

    /** Goes on behind the page that had this as {@link LogPage#next}. */
    public LogQuery after(@Nullable String value) {
        return new LogQuery(source, type, ref, noRef, since, until, text, order, limit, value, freshness);
    }

    public LogQuery freshness(Freshness value) {
        return new LogQuery(source, type, ref, noRef, since, until, text, order, limit, cursor, value);
    }
}
