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
 * up first, and their attempts put in order; for durations the blocks are asked. Figures are of everything that a page could have.
 */
final class AttemptList {
    private static final char CURSOR = 'h';

    private static final String RECORD =
            "r.id, a.workflow, a.attempt, a.status, a.started, a.duration, a.exit_code, a.error FROM ";
    private static final String OF_RUN =
            " CROSS JOIN attempt AS a INDEXED BY sqlite_autoindex_attempt_1 ON a.run = r.run";

    private static final List<String> ALL = List.of("");

    /** Of which figures are gathered; so many have some thousand attempts. */
    private static final int RUNS_AT_A_TIME = 5_000;

    /** Tables, and what of them fits. */
    private record Source(String tables, NewestFirst query) {}

    private final RunFilter filter;
    private final @Nullable FoundRuns among;
    private final @Nullable Place after;

    /**
     * @param among only of these runs; null for all
     * @throws IllegalArgumentException when the cursor is not of this list
     */
    AttemptList(RunFilter filter, @Nullable FoundRuns among) {
        this.filter = filter;
        this.among = among;
        this.after = Place.of(filter.cursor(), CURSOR);
    }

    RunPage<AttemptRecord> page(ViewReader tables, AttemptBlocks blocks) {
        boolean timed = filter.shortest() != null || filter.longest() != null;
        List<Row> rows = timed && !asksForRuns() ? fromBlocks(blocks.at(tables), tables) : rows(tables);
        boolean more = rows.size() > filter.limit();
        List<Row> page = more ? rows.subList(0, filter.limit()) : rows;
        Optional<String> next =
                more ? Optional.of(Place.of(page.get(page.size() - 1)).cursor(CURSOR)) : Optional.empty();
        return new RunPage<>(page.stream().map(AttemptList::attempt).toList(), next, position(tables));
    }

    /** How far the views were that were asked. */
    long position(ViewReader tables) {
        return among == null ? tables.position() : Math.min(tables.position(), among.position());
    }

    /** Everything that is found, as blocks: those of the view, which then have to be filtered, where they know enough. Read in parts, for they may be most of the attempts. */
    Blocks blocks(ViewReader tables, AttemptBlocks blocks) {
        if (!asksForRuns()) {
            return blocks.at(tables);
        }
        List<Block> found = new ArrayList<>();
        for (String runs : among == null ? ALL : among.parts(RUNS_AT_A_TIME)) {
            for (Source source : sources(runs, tables)) {
                Place place = null;
                List<Row> rows;
                do {
                    String columns = "a.duration, a.workflow, a.status FROM " + source.tables;
                    rows = source.query.select(columns, place, Block.ATTEMPTS_MAX, tables);
                    if (!rows.isEmpty()) {
                        found.add(AttemptBlocks.of(found.size(), rows));
                        place = Place.of(rows.get(rows.size() - 1));
                    }
                } while (rows.size() == Block.ATTEMPTS_MAX);
            }
        }
        return Blocks.of(found);
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

    private List<Row> rows(ViewReader tables) {
        int limit = filter.limit() + 1;
        List<Row> all = new ArrayList<>();
        for (Source source : sources(among == null ? "" : among.numbers(), tables)) {
            all.addAll(source.query.select(RECORD + source.tables, limit, tables));
        }
        all.sort(NewestFirst.ORDER);
        return all.subList(0, Math.min(all.size(), limit));
    }

    /**
     * Where all that fits is: each attempt in one of these.
     *
     * @param runs only of these, as a JSON array; empty for all
     */
    private List<Source> sources(String runs, ViewReader tables) {
        List<String> words = RunList.words(filter, tables);
        if (!runs.isEmpty()) {
            NewestFirst query = conditions(filter.tags()).and("r.run IN (SELECT value FROM json_each(?))", runs);
            return List.of(new Source("run AS r NOT INDEXED" + OF_RUN, withRest(withParent(query), words)));
        }
        RunList.Rarest tag = RunList.Rarest.of(filter, tables);
        if (filter.parent() != null && !RunList.Rarest.isMany(RunList.Rarest.children(filter.parent(), tables))) {
            NewestFirst query = conditions(filter.tags()).and("r.parent = ?", filter.parent());
            return List.of(new Source("run AS r INDEXED BY run_parent" + OF_RUN, withRest(query, words)));
        }
        if (tag != null && !RunList.Rarest.isMany(tag.runs())) {
            Map<String, String> others = new TreeMap<>(filter.tags());
            others.remove(tag.key());
            NewestFirst query = conditions(others).and("t.key = ?", tag.key()).and("t.value = ?", tag.value());
            String from = "tag AS t CROSS JOIN run AS r ON r.run = t.run" + OF_RUN;
            return List.of(new Source(from, withRest(withParent(query), words)));
        }
        List<Source> all = new ArrayList<>();
        for (String word : words.isEmpty() && filter.statuses().isEmpty() ? ALL : words) {
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
            all.add(new Source("attempt AS a INDEXED BY " + index + " CROSS JOIN run AS r ON r.run = a.run", query));
        }
        return all;
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
