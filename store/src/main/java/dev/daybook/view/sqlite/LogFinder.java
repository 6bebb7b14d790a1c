package dev.daybook.view.sqlite;

import dev.daybook.internal.log.LogIndex;
import dev.daybook.internal.search.SearchWords;
import dev.daybook.log.LogQuery;
import dev.daybook.view.ViewReader;
import dev.daybook.view.ViewReader.Row;
import dev.daybook.view.Views;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds rows of the log in the view {@code logs}. A page is read from the end of an index, or, where rows of several kinds (source and type) fit, from the end of each
 * kind's part of it: so it costs what it holds. Where very many kinds fit, it goes through the rows by time, or through all rows with the ref. A text is looked for in the view {@code text}.
 */
public final class LogFinder implements LogIndex {
    /** With more kinds than these, going through the rows by time is better than asking for each. */
    private static final int KINDS_MAX = 64;

    private final Supplier<Views> views;

    /** @param views asked for when something is looked for */
    public LogFinder(Supplier<Views> views) {
        this.views = views;
    }

    @Override
    public Found find(LogQuery query, @Nullable Place after) {
        return views.get().query("logs", query.freshness(), tables -> find(query, after, tables));
    }

    private static Found find(LogQuery query, @Nullable Place after, ViewReader tables) {
        Where where = new Where(query, after);
        if (query.source() == null && query.type() == null && query.ref() == null && !query.noRef()) {
            return new Found(where.select(tables), tables.position());
        }
        List<Long> kinds = kinds(query, tables);
        if (kinds.size() > KINDS_MAX) {
            where.and(
                    "+kind IN (SELECT kind FROM kind WHERE source = coalesce(?, source) AND type = coalesce(?, type))");
            where.arguments.add(query.source());
            where.arguments.add(query.type());
            return new Found(where.ref(query).select(tables), tables.position());
        }
        List<Place> all = new ArrayList<>();
        for (long kind : kinds) {
            Where ofKind = new Where(query, after);
            ofKind.and("kind = ?");
            ofKind.arguments.add(kind);
            all.addAll(ofKind.ref(query).select(tables));
        }
        Comparator<Place> oldest = Comparator.comparingLong(Place::micros).thenComparingLong(Place::id);
        all.sort(query.order() == LogQuery.Order.OLDEST ? oldest : oldest.reversed());
        return new Found(all.subList(0, Math.min(all.size(), query.limit() + 1)), tables.position());
    }

    @Override
    public Range range(LogQuery query) {
        if (query.since() == null && query.until() == null) {
            return Range.ALL;
        }
        long since = query.since() == null ? Long.MIN_VALUE : NewestFirst.micros(query.since(), 999);
        long until = query.until() == null ? Long.MAX_VALUE : NewestFirst.micros(query.until(), 0);
        return views.get().query("logs", query.freshness(), tables -> {
            Row row = tables.query("SELECT min(seq), max(seq) FROM log WHERE time BETWEEN ? AND ?", since, until)
                    .get(0);
            return new Range(row.number(0), row.number(1), tables.position()); // nothing: from 0 to 0
        });
    }

    @Override
    public Hits search(LogQuery query, Range range, @Nullable Long after, int count) {
        boolean oldest = query.order() == LogQuery.Order.OLDEST;
        long first = after != null && oldest ? Math.max(range.first(), after + 1) : range.first();
        long last = after != null && !oldest ? Math.min(range.last(), after - 1) : range.last();
        String order = query.order() == LogQuery.Order.RANK ? "rank, rowid DESC" : oldest ? "rowid" : "rowid DESC";
        return views.get().query(TextView.NAME, query.freshness(), tables -> {
            List<Long> found = tables
                    .query(
                            "SELECT rowid FROM log_text WHERE log_text MATCH ? AND rowid BETWEEN ? AND ? ORDER BY "
                                    + order + " LIMIT ?",
                            match(query),
                            first,
                            last,
                            count)
                    .stream()
                    .map(row -> row.number(0))
                    .toList();
            return new Hits(found, found.size() < count, Math.min(range.position(), tables.position()));
        });
    }

    private static String match(LogQuery query) {
        StringBuilder match = new StringBuilder("text : (")
                .append(SearchWords.query(Objects.requireNonNull(query.text())))
                .append(')');
        if (query.source() != null) {
            match.append(" AND attrs : ").append(HashedWord.of(HashedWord.SOURCE, query.source()));
        }
        if (query.type() != null) {
            match.append(" AND attrs : ").append(HashedWord.of(HashedWord.TYPE, query.type()));
        }
        if (query.ref() != null) {
            match.append(" AND attrs : ").append(HashedWord.of(HashedWord.REF, query.ref()));
        } else if (query.noRef()) {
            match.append(" AND attrs : ").append(HashedWord.NO_REF);
        }
        return match.toString();
    }

    private static List<Long> kinds(LogQuery query, ViewReader tables) {
        return tables
                .query(
                        "SELECT kind FROM kind WHERE source = coalesce(?, source) AND type = coalesce(?, type) LIMIT ?",
                        query.source(),
                        query.type(),
                        KINDS_MAX + 1)
                .stream()
                .map(row -> row.number(0))
                .toList();
    }

    /** Conditions of one statement, with their arguments. */
    private static final class Where {
        private final StringBuilder conditions = new StringBuilder("1");
        private final List<@Nullable Object> arguments = new ArrayList<>();
        private final String order;
        private final int limit;

        Where(LogQuery query, @Nullable Place after) {
            boolean oldest = query.order() == LogQuery.Order.OLDEST;
            order = oldest ? " ORDER BY time, seq LIMIT ?" : " ORDER BY time DESC, seq DESC LIMIT ?";
            limit = query.limit() + 1;
            Long since = query.since() == null ? null : NewestFirst.micros(query.since(), 999);
            Long until = query.until() == null ? null : NewestFirst.micros(query.until(), 0);
            // The place says more than the bound on its side, and SQLite would look for only one of them.
            if (since != null && (after == null || !oldest || after.micros() < since)) {
                and("time >= ?");
                arguments.add(since);
            }
            if (until != null && (after == null || oldest || after.micros() > until)) {
                and("time <= ?");
                arguments.add(until);
            }
            if (after != null) {
                and(oldest ? "(time, seq) > (?, ?)" : "(time, seq) < (?, ?)");
                arguments.add(after.micros());
                arguments.add(after.id());
            }
        }

        void and(String condition) {
            conditions.append(" AND ").append(condition);
        }

        Where ref(LogQuery query) {
            if (query.ref() != null) {
                and("ref = ?");
                arguments.add(query.ref());
            } else if (query.noRef()) {
                and("ref IS NULL");
            }
            return this;
        }

        List<Place> select(ViewReader tables) {
            arguments.add(limit);
            List<Row> rows = tables.query("SELECT time, seq FROM log WHERE " + conditions + order, arguments.toArray());
            return rows.stream()
                    .map(row -> new Place(row.number(0), row.number(1)))
                    .toList();
        }
    }
}
