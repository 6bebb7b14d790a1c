package dev.daybook.view.sqlite;

import dev.daybook.run.RunFilter;
import dev.daybook.view.ViewReader;
import dev.daybook.view.ViewReader.Row;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A select of rows in the order of a time and a number, newest first, from the end of an index or of a part of it: conditions, with their arguments. The first two columns of what
 * is selected are that time and that number.
 */
final class NewestFirst {
    /** The time and the number of the last row of a page: where the next one begins. */
    record Place(long micros, long number) {
        /** As a cursor. */
        String cursor(char kind) {
            return kind + Long.toString(micros) + "." + number;
        }

        static Place of(Row row) {
            return new Place(row.number(0), row.number(1));
        }

        /** @param kind what the page is of, so that a cursor of another list is refused */
        static @Nullable Place of(@Nullable String cursor, char kind) {
            if (cursor == null) {
                return null;
            }
            int dot = cursor.indexOf('.');
            try {
                if (cursor.charAt(0) == kind) {
                    return new Place(
                            Long.parseLong(cursor.substring(1, dot)), Long.parseLong(cursor.substring(dot + 1)));
                }
            } catch (NumberFormatException | IndexOutOfBoundsException e) {
                // Said below.
            }
            throw new IllegalArgumentException("no page of this list had this cursor: " + cursor);
        }
    }

    static final Comparator<Row> ORDER = Comparator.<Row>comparingLong(row -> row.number(0))
            .thenComparingLong(row -> row.number(1))
            .reversed();

    /** Farther than any event is, and no number runs over. */
    private static final long SECONDS_MAX = 1_000_000_000_000L;

    private final StringBuilder conditions = new StringBuilder();
    private final List<Object> arguments = new ArrayList<>();
    private final String time;
    private final String number;
    private final @Nullable Place after;
    private final @Nullable Long since;
    private final @Nullable Long until;

    /**
     * @param time the column of the time
     * @param number the column of the number
     * @param after where the page before ended, or null
     */
    NewestFirst(String time, String number, RunFilter filter, @Nullable Place after) {
        this.time = time;
        this.number = number;
        this.after = after;
        this.since = filter.since() == null ? null : micros(filter.since(), 999);
        this.until = filter.until() == null ? null : micros(filter.until(), 0);
    }

    /** @param up 999 to round up, 0 to round down: whole microseconds are what is stored */
    static long micros(Instant time, int up) {
        return micros(time.getEpochSecond(), time.getNano(), up);
    }

    static long micros(Duration duration, int up) {
        return micros(duration.getSeconds(), duration.getNano(), up);
    }

    private static long micros(long seconds, int nanos, int up) {
        return Math.max(-SECONDS_MAX, Math.min(SECONDS_MAX, seconds)) * 1_000_000 + (nanos + up) / 1_000;
    }

    NewestFirst and(String condition, Object... values) {
        conditions.append(conditions.isEmpty() ? "" : " AND ").append(condition);
        Collections.addAll(arguments, values);
        return this;
    }

    /** One of these. */
    NewestFirst in(String column, Collection<String> words) {
        return and(column + " IN (" + String.join(", ", Collections.nCopies(words.size(), "?")) + ")", words.toArray());
    }

    /** @param duration the expression for it; null where there is none */
    NewestFirst lasting(String duration, RunFilter filter) {
        if (filter.shortest() != null) {
            and(duration + " >= ?", micros(filter.shortest(), 999));
        }
        return filter.longest() == null ? this : and(duration + " <= ?", micros(filter.longest(), 0));
    }

    /** The run {@code r} has these tags. */
    NewestFirst tagged(Collection<Map.Entry<String, String>> tags) {
        for (Map.Entry<String, String> tag : tags) {
            and(
                    "EXISTS (SELECT 1 FROM tag WHERE key = ? AND value = ? AND created = r.created AND run = r.run)",
                    tag.getKey(),
                    tag.getValue());
        }
        return this;
    }

    /**
     * The next rows. Behind a place these are first the others of the same time, then those before it: SQLite would use no more than the time of {@code (time, number) < (?, ?)}
     * where the number is the row's id, and go through all of that time again for each page.
     */
    List<Row> select(String columnsAndTables, int limit, ViewReader tables) {
        return select(columnsAndTables, after, limit, tables);
    }

    /** The rows behind this place. */
    List<Row> select(String columnsAndTables, @Nullable Place after, int limit, ViewReader tables) {
        if (after == null) {
            return select(columnsAndTables, until, limit, tables);
        }
        List<Row> rows = new ArrayList<>();
        long micros = after.micros();
        if ((since == null || micros >= since) && (until == null || micros <= until)) {
            String same = time + " = ? AND " + number + " < ?";
            rows.addAll(select(columnsAndTables, same, List.of(micros, after.number()), limit, tables));
        }
        if (rows.size() < limit && micros > Long.MIN_VALUE) {
            long last = until == null ? micros - 1 : Math.min(until, micros - 1);
            rows.addAll(select(columnsAndTables, last, limit - rows.size(), tables));
        }
        return rows;
    }

    private List<Row> select(String columnsAndTables, @Nullable Long last, int limit, ViewReader tables) {
        List<String> range = new ArrayList<>();
        List<Object> values = new ArrayList<>();
        if (since != null) {
            range.add(time + " >= ?");
            values.add(since);
        }
        if (last != null) {
            range.add(time + " <= ?");
            values.add(last);
        }
        return select(columnsAndTables, String.join(" AND ", range), values, limit, tables);
    }

    private List<Row> select(
            String columnsAndTables, String range, List<Object> ofRange, int limit, ViewReader tables) {
        List<Object> all = new ArrayList<>(arguments);
        all.addAll(ofRange);
        all.add(limit);
        boolean both = !range.isEmpty() && !conditions.isEmpty();
        return tables.query(
                "SELECT " + time + ", " + number + ", " + columnsAndTables
                        + (range.isEmpty() && conditions.isEmpty() ? "" : " WHERE ")
                        + conditions + (both ? " AND " : "") + range
                        + " ORDER BY " + time + " DESC, " + number + " DESC LIMIT ?",
                all.toArray());
    }
}
