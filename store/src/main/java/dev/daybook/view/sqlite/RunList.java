package dev.daybook.view.sqlite;

import dev.daybook.internal.time.Timestamps;
import dev.daybook.run.RunFilter;
import dev.daybook.run.RunInfo;
import dev.daybook.run.RunPage;
import dev.daybook.run.RunStatus;
import dev.daybook.view.ViewReader;
import dev.daybook.view.ViewReader.Row;
import dev.daybook.view.sqlite.NewestFirst.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A page of the list of runs. It is read from the end of the index that begins with what is asked for: the parent, the rarest tag, or workflow and status, where several statuses are as many
 * pages, merged. So it costs what it holds, unless what is left of the conditions fits few of the rows that are gone through.
 */
final class RunList {
    /** No more are counted to find what to begin with. */
    private static final int COUNTED_MAX = 10_000;

    private static final char CURSOR = 'r';

    private static final String COLUMNS =
            "r.id, r.workflow, r.status, r.attempt, r.started, r.ended, r.owner, r.generation,"
                    + " r.exit_code, r.error, r.parent, r.tags FROM ";

    private final RunFilter filter;
    private final @Nullable String among;
    private final @Nullable Place after;

    /** @throws IllegalArgumentException when the cursor is not of this list */
    RunList(RunFilter filter) {
        this(filter, null);
    }

    /** @param among only of these runs: their numbers, as a JSON array; null for all */
    RunList(RunFilter filter, @Nullable String among) {
        this.filter = filter;
        this.among = among;
        this.after = Place.of(filter.cursor(), CURSOR);
    }

    RunPage<RunInfo> page(ViewReader tables) {
        return page(rows(tables), tables.position());
    }

    /** The page of these rows, of which there is one too many when there are more. */
    RunPage<RunInfo> page(List<Row> rows, long position) {
        boolean more = rows.size() > filter.limit();
        List<Row> page = more ? rows.subList(0, filter.limit()) : rows;
        Optional<String> next = more ? Optional.of(cursor(page.get(page.size() - 1))) : Optional.empty();
        return new RunPage<>(page.stream().map(RunList::info).toList(), next, position);
    }

    static String cursor(Row row) {
        return Place.of(row).cursor(CURSOR);
    }

    static long number(Row row) {
        return Place.of(row).number();
    }

    static String id(Row row) {
        return RunFinder.text(row, 2);
    }

    /** The runs that fit, one more than the limit when there are more. A text is not looked at. */
    List<Row> rows(ViewReader tables) {
        List<String> words = words(filter, tables);
        if (among != null) {
            NewestFirst query = conditions("r.created", "r.run", filter.tags())
                    .and("r.run IN (SELECT value FROM json_each(?))", among);
            if (filter.parent() != null) {
                query.and("r.parent = ?", filter.parent());
            }
            return select("run AS r NOT INDEXED", withRest(query, words), tables);
        }
        if (filter.parent() != null) {
            NewestFirst query = conditions("r.created", "r.run", filter.tags()).and("r.parent = ?", filter.parent());
            return select("run AS r INDEXED BY run_parent", withRest(query, words), tables);
        }
        Rarest tag = leading(filter, words, tables);
        if (tag != null) {
            Map<String, String> others = new TreeMap<>(filter.tags());
            others.remove(tag.key);
            NewestFirst query = conditions("t.created", "t.run", others)
                    .and("t.key = ?", tag.key)
                    .and("t.value = ?", tag.value);
            return select("tag AS t CROSS JOIN run AS r ON r.run = t.run", withRest(query, words), tables);
        }
        if (filter.statuses().isEmpty()) {
            NewestFirst query = conditions("r.created", "r.run", filter.tags());
            return filter.workflow() == null
                    ? select("run AS r INDEXED BY run_created", query, tables)
                    : select(
                            "run AS r INDEXED BY run_workflow", query.and("r.workflow = ?", filter.workflow()), tables);
        }
        List<Row> all = new ArrayList<>();
        for (String word : words) {
            NewestFirst query = conditions("r.created", "r.run", filter.tags()).and("r.status = ?", word);
            all.addAll(
                    filter.workflow() == null
                            ? select("run AS r INDEXED BY run_status", query, tables)
                            : select(
                                    "run AS r INDEXED BY run_workflow_status",
                                    query.and("r.workflow = ?", filter.workflow()),
                                    tables));
        }
        all.sort(NewestFirst.ORDER);
        return all.subList(0, Math.min(all.size(), filter.limit() + 1));
    }

    /** The statuses that are asked for as they are stored; none when any will do. */
    static List<String> words(RunFilter filter, ViewReader tables) {
        List<String> words = new ArrayList<>();
        for (RunStatus status : filter.statuses()) {
            if (status == RunStatus.UNKNOWN) {
                RunFinder.tally(filter.workflow(), tables).keySet().stream()
                        .filter(word -> RunStatus.of(word) == RunStatus.UNKNOWN)
                        .forEach(words::add);
            } else {
                words.add(status.text());
            }
        }
        return words;
    }

    /** What every one of these queries asks, whatever index it goes through. */
    private NewestFirst conditions(String time, String number, Map<String, String> tags) {
        return new NewestFirst(time, number, filter, after)
                .lasting("max(0, r.ended - r.started)", filter)
                .tagged(tags.entrySet());
    }

    /** What an index without workflow and status leaves to be asked. */
    private NewestFirst withRest(NewestFirst query, List<String> words) {
        if (filter.workflow() != null) {
            query.and("r.workflow = ?", filter.workflow());
        }
        return filter.statuses().isEmpty() ? query : query.in("r.status", words);
    }

    /** The tag that the fewest runs have. */
    record Rarest(String key, String value, long runs) {
        static @Nullable Rarest of(RunFilter filter, ViewReader tables) {
            Rarest rarest = null;
            for (Map.Entry<String, String> tag : new TreeMap<>(filter.tags()).entrySet()) {
                String key = tag.getKey();
                String value = tag.getValue();
                long count = count("SELECT 1 FROM tag WHERE key = ? AND value = ?", tables, key, value);
                if (rarest == null || count < rarest.runs) {
                    rarest = new Rarest(key, value, count);
                }
            }
            return rarest;
        }

        static long children(String parent, ViewReader tables) {
            return count("SELECT 1 FROM run INDEXED BY run_parent WHERE parent = ?", tables, parent);
        }

        /** Whether so many were counted that they were not counted to the end. */
        static boolean isMany(long count) {
            return count == COUNTED_MAX;
        }

        private static long count(String query, ViewReader tables, Object... arguments) {
            return tables.query("SELECT count(*) FROM (" + query + " LIMIT " + COUNTED_MAX + ")", arguments)
                    .get(0)
                    .number(0);
        }
    }

    /** The tag to begin with: the rarest one, when not fewer runs have the workflow and the statuses, or very many the tag; else null. */
    static @Nullable Rarest leading(RunFilter filter, List<String> words, ViewReader tables) {
        Rarest rarest = Rarest.of(filter, tables);
        boolean alone = filter.workflow() == null && filter.statuses().isEmpty();
        if (rarest == null || rarest.runs == 0 || alone) {
            return rarest;
        }
        if (Rarest.isMany(rarest.runs)) {
            return null; // how many more is not known
        }
        long others = 0;
        for (Map.Entry<String, Long> tally :
                RunFinder.tally(filter.workflow(), tables).entrySet()) {
            others += filter.statuses().isEmpty() || words.contains(tally.getKey()) ? tally.getValue() : 0;
        }
        return rarest.runs <= others ? rarest : null;
    }

    private List<Row> select(String from, NewestFirst query, ViewReader tables) {
        return query.select(COLUMNS + from, filter.limit() + 1, tables);
    }

    private static RunInfo info(Row row) {
        return new RunInfo(
                id(row),
                RunFinder.text(row, 3),
                RunFinder.status(row, 4),
                RunFinder.text(row, 4),
                (int) row.number(5),
                Timestamps.instant(row.number(0)),
                RunFinder.time(row, 6),
                RunFinder.time(row, 7),
                RunFinder.optional(row, 8),
                row.number(9),
                RunFinder.smallNumber(row, 10),
                RunFinder.optional(row, 11),
                RunFinder.optional(row, 12),
                RunFinder.tags(row, 13));
    }
}
