package dev.daybook.view.sqlite;

import dev.daybook.internal.time.Timestamps;
import dev.daybook.run.AttemptRecord;
import dev.daybook.run.RunFilter;
import dev.daybook.run.RunPage;
import dev.daybook.run.RunStatus;
import dev.daybook.view.ViewReader;
import dev.daybook.view.ViewReader.Row;
import dev.daybook.view.sqlite.NewestFirst.Place;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Ended attempts. A page is read from the end of the index that has the workflow and the status, where several statuses are as many pages, merged. Few runs with a tag or a parent are looked
 * up first, and their attempts put in order; for durations the blocks are asked.
 */
final class AttemptList {
    private static final char CURSOR = 'h';

    private static final String RECORD =
            "r.id, a.workflow, a.attempt, a.status, a.started, a.duration, a.exit_code, a.error FROM ";
    private static final String OF_RUN =
            " CROSS JOIN attempt AS a INDEXED BY sqlite_autoindex_attempt_1 ON a.run = r.run";

    private final RunFilter filter;
    private final @Nullable String among;
    private final @Nullable Place after;

    /**
     * @param among only of these runs: their numbers, as a JSON array; null for all
     * @throws IllegalArgumentException when the cursor is not of this list
     */
    AttemptList(RunFilter filter, @Nullable String among) {
        this.filter = filter;
        this.among = among;
        this.after = Place.of(filter.cursor(), CURSOR);
    }

    RunPage<AttemptRecord> page(ViewReader tables, AttemptBlocks blocks) {
        boolean timed = filter.shortest() != null || filter.longest() != null;
        List<Row> rows = timed && !asksForRuns()
                ? fromBlocks(blocks.at(tables), tables)
                : rows(RECORD, filter.limit() + 1, tables);
        boolean more = rows.size() > filter.limit();
        List<Row> page = more ? rows.subList(0, filter.limit()) : rows;
        Optional<String> next =
                more ? Optional.of(Place.of(page.get(page.size() - 1)).cursor(CURSOR)) : Optional.empty();
        return new RunPage<>(page.stream().map(AttemptList::attempt).toList(), next, tables.position());
    }

    /** Everything that is found, as blocks: those of the view, which then have to be filtered, where they know enough. */
    Blocks blocks(ViewReader tables, AttemptBlocks blocks) {
        if (!asksForRuns()) {
            return blocks.at(tables);
        }
        List<Row> rows = new ArrayList<>(rows("a.duration, a.workflow, a.status FROM ", Integer.MAX_VALUE, tables));
        rows.sort((a, b) -> Long.compare(a.number(1), b.number(1)));
        return AttemptBlocks.of(rows);
    }

    /** Whether something is asked that only the runs know. */
    private boolean asksForRuns() {
        return filter.parent() != null || !filter.tags().isEmpty() || among != null;
    }

    private List<Row> fromBlocks(Blocks blocks, ViewReader tables) {
        Blocks.Found before = after == null ? null : new Blocks.Found(after.micros(), after.number());
        List<Row> rows = new ArrayList<>();
        for (Blocks.Found found : blocks.newest(inBlocks(filter), before, filter.limit() + 1)) {
            rows.addAll(tables.query(
                    "SELECT a.ended, a.pos, " + RECORD
                            + "attempt AS a CROSS JOIN run AS r ON r.run = a.run WHERE a.pos = ?",
                    found.position()));
        }
        return rows;
    }

    /** What blocks can be asked. */
    static Blocks.Filter inBlocks(RunFilter filter) {
        int statuses = filter.statuses().isEmpty() ? Blocks.Filter.ANY_STATUS : 0;
        for (RunStatus status : filter.statuses()) {
            statuses |= 1 << AttemptBlocks.code(status);
        }
        return new Blocks.Filter(
                filter.workflow(),
                statuses,
                filter.since() == null ? Long.MIN_VALUE : NewestFirst.micros(filter.since(), 999),
                filter.until() == null ? Long.MAX_VALUE : NewestFirst.micros(filter.until(), 0),
                filter.shortest() == null ? Block.NO_DURATION : Math.max(0, NewestFirst.micros(filter.shortest(), 999)),
                filter.longest() == null ? Long.MAX_VALUE : NewestFirst.micros(filter.longest(), 0));
    }

    private List<Row> rows(String columns, int limit, ViewReader tables) {
        List<String> words = RunList.words(filter, tables);
        if (among != null) {
            NewestFirst query = conditions(filter.tags()).and("r.run IN (SELECT value FROM json_each(?))", among);
            return withRest(withParent(query), words).select(columns + "run AS r NOT INDEXED" + OF_RUN, limit, tables);
        }
        RunList.Rarest tag = RunList.Rarest.of(filter, tables);
        if (filter.parent() != null && !RunList.Rarest.isMany(RunList.Rarest.children(filter.parent(), tables))) {
            NewestFirst query = withRest(conditions(filter.tags()).and("r.parent = ?", filter.parent()), words);
            return query.select(columns + "run AS r INDEXED BY run_parent" + OF_RUN, limit, tables);
        }
        if (tag != null && !RunList.Rarest.isMany(tag.runs())) {
            Map<String, String> others = new TreeMap<>(filter.tags());
            others.remove(tag.key());
            NewestFirst query = conditions(others).and("t.key = ?", tag.key()).and("t.value = ?", tag.value());
            String from = "tag AS t CROSS JOIN run AS r ON r.run = t.run" + OF_RUN;
            return withRest(withParent(query), words).select(columns + from, limit, tables);
        }
        List<Row> all = new ArrayList<>();
        for (String word : words.isEmpty() && filter.statuses().isEmpty() ? List.of("") : words) {
            NewestFirst query = withParent(conditions(filter.tags()));
            String index = "attempt";
            if (filter.workflow() != null) {
                query.and("a.workflow = ?", filter.workflow());
                index += "_workflow";
            }
            if (!word.isEmpty()) {
                query.and("a.status = ?", word);
                index += "_status";
            }
            index = index.equals("attempt") ? "attempt_ended" : index;
            String from = "attempt AS a INDEXED BY " + index + " CROSS JOIN run AS r ON r.run = a.run";
            all.addAll(query.select(columns + from, limit, tables));
        }
        all.sort(NewestFirst.ORDER);
        return all.subList(0, Math.min(all.size(), limit));
    }

    private NewestFirst conditions(Map<String, String> tags) {
        return new NewestFirst("a.ended", "a.pos", filter, after)
                .lasting("a.duration", filter)
                .tagged(tags.entrySet());
    }

    private NewestFirst withParent(NewestFirst query) {
        return filter.parent() == null ? query : query.and("r.parent = ?", filter.parent());
    }

    private NewestFirst withRest(NewestFirst query, List<String> words) {
        if (filter.workflow() != null) {
            query.and("a.workflow = ?", filter.workflow());
        }
        return filter.statuses().isEmpty() ? query : query.in("a.status", words);
    }

    private static AttemptRecord attempt(Row row) {
        return new AttemptRecord(
                RunFinder.text(row, 2),
                RunFinder.text(row, 3),
                (int) row.number(4),
                RunFinder.status(row, 5),
                RunFinder.time(row, 6),
                Timestamps.instant(row.number(0)),
                row.isNull(7) ? Optional.empty() : Optional.of(Duration.of(row.number(7), ChronoUnit.MICROS)),
                RunFinder.smallNumber(row, 8),
                RunFinder.optional(row, 9));
    }
}
