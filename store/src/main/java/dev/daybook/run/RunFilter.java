package dev.daybook.run;

import dev.daybook.Freshness;
import dev.daybook.internal.search.ComparedText;
import dev.daybook.internal.search.SearchWords;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which runs, or which attempts of runs. Conditions are joined by "and"; what is not given is no condition; texts are compared as bytes. Immutable.
 *
 * @param workflow its workflow, or null for any
 * @param statuses one of these; empty for any
 * @param tags all of these
 * @param since at or after this time, or null: of a run's creation in {@link Runs#list}, of an attempt's end elsewhere
 * @param until at or before this time, or null
 * @param shortest ended after at least this, or null; of a run in {@link Runs#list} its newest attempt is meant
 * @param longest ended after at most this, or null
 * @param parent started by this run, or null
 * @param text words that must all occur in one of its events, or null; see {@link #text(String)}
 * @param limit 1 to 10,000; 20 by default
 * @param cursor where the page before ended, or null
 * @param freshness how new the answer must be
 */
public record RunFilter(
        @Nullable String workflow,
        Set<RunStatus> statuses,
        Map<String, String> tags,
        @Nullable Instant since,
        @Nullable Instant until,
        @Nullable Duration shortest,
        @Nullable Duration longest,
        @Nullable String parent,
        @Nullable String text,
        int limit,
        @Nullable String cursor,
        Freshness freshness) {
    private static final int LIMIT_MAX = 10_000;

    private static final RunFilter ALL =
            new RunFilter(null, Set.of(), Map.of(), null, null, null, null, null, null, 20, null, Freshness.own());

    /** @throws IllegalArgumentException naming the condition that cannot be honoured */
    public RunFilter {
        statuses = Set.copyOf(statuses);
        tags = Map.copyOf(tags);
        if (limit < 1 || limit > LIMIT_MAX) {
            throw new IllegalArgumentException("a limit is 1 to " + LIMIT_MAX + ", not " + limit);
        }
        ComparedText.require("workflow", workflow);
        ComparedText.require("parent", parent);
        if (text != null) {
            SearchWords.query(text);
        }
        tags.forEach((key, value) -> {
            ComparedText.require("tag", key);
            ComparedText.require("tag", value);
        });
    }

    /** All of them, newest first. */
    public static RunFilter all() {
        return ALL;
    }

    public RunFilter workflow(@Nullable String value) {
        return new RunFilter(
                value, statuses, tags, since, until, shortest, longest, parent, text, limit, cursor, freshness);
    }

    /** With one of these statuses; none means any. */
    public RunFilter status(RunStatus... values) {
        return new RunFilter(
                workflow,
                Set.copyOf(Arrays.asList(values)),
                tags,
                since,
                until,
                shortest,
                longest,
                parent,
                text,
                limit,
                cursor,
                freshness);
    }

    /** With one more tag. */
    public RunFilter tag(String key, String value) {
        Map<String, String> more = new HashMap<>(tags);
        more.put(key, value);
        return new RunFilter(
                workflow, statuses, more, since, until, shortest, longest, parent, text, limit, cursor, freshness);
    }

    public RunFilter since(@Nullable Instant value) {
        return new RunFilter(
                workflow, statuses, tags, value, until, shortest, longest, parent, text, limit, cursor, freshness);
    }

    public RunFilter until(@Nullable Instant value) {
        return new RunFilter(
                workflow, statuses, tags, since, value, shortest, longest, parent, text, limit, cursor, freshness);
    }

    /** That ended and lasted so long, both ends included; what never began lasted no time at all. */
    public RunFilter lasting(@Nullable Duration atLeast, @Nullable Duration atMost) {
        return new RunFilter(
                workflow, statuses, tags, since, until, atLeast, atMost, parent, text, limit, cursor, freshness);
    }

    public RunFilter parent(@Nullable String runId) {
        return new RunFilter(
                workflow, statuses, tags, since, until, shortest, longest, runId, text, limit, cursor, freshness);
    }

    /**
     * With all these words in one message, input, output or error: in the strings of it. Upper and lower case are alike, accents too. Words are split at white space. {@code "two words"} in double quotes stand side by side; a word that
     * ends in {@code *} is a beginning; no other sign means anything.
     *
     * @throws IllegalArgumentException when it has no letter or digit, an unpaired surrogate, or more than 4,096 characters or 256 words
     */
    public RunFilter text(@Nullable String words) {
        return new RunFilter(
                workflow, statuses, tags, since, until, shortest, longest, parent, words, limit, cursor, freshness);
    }

    public RunFilter limit(int value) {
        return new RunFilter(
                workflow, statuses, tags, since, until, shortest, longest, parent, text, value, cursor, freshness);
    }

    /** Goes on behind the page that had this as {@link RunPage#next}. */
    public RunFilter after(@Nullable String value) {
        return new RunFilter(
                workflow, statuses, tags, since, until, shortest, longest, parent, text, limit, value, freshness);
    }

    public RunFilter freshness(Freshness value) {
        return new RunFilter(
                workflow, statuses, tags, since, until, shortest, longest, parent, text, limit, cursor, value);
    }
}
