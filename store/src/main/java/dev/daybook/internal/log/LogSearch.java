package dev.daybook.internal.log;

import dev.daybook.Freshness;
import dev.daybook.internal.search.SearchWords;
import dev.daybook.journal.Journal;
import dev.daybook.log.LogPage;
import dev.daybook.log.LogQuery;
import dev.daybook.log.LogRow;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Queries of the log with a text. The index names rows that have the words; they are read, and compared with what else is asked, until the page is full. So a page costs what it
 * holds, unless a range of time leaves out most of what the index names.
 */
final class LogSearch {
    private static final int RANK_LIMIT_MAX = 1_000;

    /** Rows that are named at a time. */
    private static final int LOOKED_AT_MAX = 5_000;

    private final Journal journal;
    private final LogIndex index;
    private final LongFunction<Optional<LogRow>> rows;

    LogSearch(Journal journal, LogIndex index, LongFunction<Optional<LogRow>> rows) {
        this.journal = journal;
        this.index = index;
        this.rows = rows;
    }

    LogPage query(LogQuery query) {
        SearchWords.requireSearch(query.text(), journal.options());
        if (query.order() == LogQuery.Order.RANK) {
            requireRank(query);
        }
        Long after = id(query.cursor());
        LogIndex.Range range = index.range(query);
        LogQuery asked = query;
        List<LogRow> found = new ArrayList<>();
        long position = -1;
        boolean complete = false;
        for (int count = query.limit() + 1; found.size() <= query.limit() && !complete; ) {
            LogIndex.Hits hits = index.search(asked, range, after, count);
            position = position < 0 ? hits.position() : position;
            complete = hits.complete();
            if (query.order() == LogQuery.Order.RANK) { // has no place to go on from
                found.clear();
                count = Math.multiplyExact(count, 4);
            } else {
                count = Math.max(count, Math.min(LOOKED_AT_MAX, count * 4));
                after = hits.ids().isEmpty() ? after : hits.ids().get(hits.ids().size() - 1);
            }
            add(hits.ids(), query, found);
            asked = asked.freshness(Freshness.any()); // it was new enough
        }
        boolean more = found.size() > query.limit() && query.order() != LogQuery.Order.RANK;
        List<LogRow> page = List.copyOf(found.subList(0, Math.min(found.size(), query.limit())));
        return new LogPage(
                page, more ? Optional.of(Long.toString(page.get(page.size() - 1).id())) : Optional.empty(), position);
    }

    private static void requireRank(LogQuery query) {
        if (query.text() == null || query.cursor() != null || query.limit() > RANK_LIMIT_MAX) {
            throw new IllegalArgumentException(
                    "order by rank needs a text, has no cursor and at most " + RANK_LIMIT_MAX + " rows");
        }
    }

    private void add(List<Long> ids, LogQuery query, List<LogRow> found) {
        for (long id : ids) {
            if (found.size() > query.limit()) {
                return;
            }
            Optional<LogRow> row = rows.apply(id); // empty when it was truncated
            if (row.isPresent() && fits(row.get(), query)) {
                found.add(row.get());
            }
        }
    }

    /** The index has names as hashes, and no times. */
    private static boolean fits(LogRow row, LogQuery query) {
        return isOrAny(query.source(), row.source())
                && isOrAny(query.type(), row.type())
                && isOrAny(query.ref(), row.ref().orElse(null))
                && !(query.noRef() && row.ref().isPresent())
                && isWithin(row.time(), query);
    }

    private static boolean isOrAny(@Nullable String wanted, @Nullable String actual) {
        return wanted == null || wanted.equals(actual);
    }

    private static boolean isWithin(Instant time, LogQuery query) {
        Instant since = query.since();
        Instant until = query.until();
        return (since == null || !time.isBefore(since)) && (until == null || !time.isAfter(until));
    }

    private static @Nullable Long id(@Nullable String cursor) {
        if (cursor == null) {
            return null;
        }
        try {
            long id = Long.parseLong(cursor);
            if (id > 0 && id < Long.MAX_VALUE) {
                return id;
            }
        } catch (NumberFormatException e) {
            // refused below
        }
        throw new IllegalArgumentException("no page of a search in the log had this cursor: " + cursor);
    }
}
