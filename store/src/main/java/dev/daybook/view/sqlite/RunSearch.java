package dev.daybook.view.sqlite;

import dev.daybook.Freshness;
import dev.daybook.internal.search.SearchWords;
import dev.daybook.run.RunFilter;
import dev.daybook.run.RunInfo;
import dev.daybook.run.RunPage;
import dev.daybook.view.ViewReader;
import dev.daybook.view.ViewReader.Row;
import dev.daybook.view.Views;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Lists runs that have words in one of their events. The view {@code text} names the runs, and {@code runs} the page of them. Words that very many events have are first looked for in the newest runs of the list,
 * one after the other, of which most will have them; when that does not fill the page soon, all events that have them are gone through once.
 */
final class RunSearch {
    /**
     * How long to look in which way.
     *
     * @param events with more events than these, runs are looked into
     * @param runs no more are looked into for a page
     */
    record Bounds(int events, int runs) {}

    static final Bounds USUAL = new Bounds(20_000, 2_000);

    private final Views views;
    private final RunFilter filter;
    private final String match;
    private final Bounds bounds;

    RunSearch(Views views, RunFilter filter, String words, Bounds bounds) {
        this.views = views;
        this.filter = filter;
        this.bounds = bounds;
        this.match = "text : (" + SearchWords.query(words) + ")";
    }

    private record Part(List<Row> rows, long position) {}

    RunPage<RunInfo> list() {
        FoundRuns few = views.query(TextView.NAME, filter.freshness(), tables -> runs(bounds.events, tables));
        if (few != null) {
            return among(few);
        }
        RunPage<RunInfo> page = hasBeginning() ? null : lookIntoEach();
        return page == null ? among(runs()) : page;
    }

    private RunPage<RunInfo> among(FoundRuns runs) {
        RunList list = new RunList(filter, runs.numbers());
        Part part = part(list, filter.freshness());
        return list.page(part.rows, Math.min(part.position, runs.position()));
    }

    private Part part(RunList list, Freshness freshness) {
        return views.query(RunFinder.VIEW, freshness, tables -> new Part(list.rows(tables), tables.position()));
    }

    /** All runs that have the words. */
    FoundRuns runs() {
        return Objects.requireNonNull(
                views.query(TextView.NAME, filter.freshness(), tables -> runs(Integer.MAX_VALUE - 1, tables)));
    }

    /** The runs; null when more events than these have the words. */
    private @Nullable FoundRuns runs(int eventsMax, ViewReader tables) {
        Row found = tables.query(
                        "SELECT count(*), json_group_array(DISTINCT run) FROM"
                                + " (SELECT rowid AS pos FROM message_text WHERE message_text MATCH ? LIMIT ?)"
                                + " CROSS JOIN run_text USING (pos)",
                        match,
                        eventsMax + 1)
                .get(0);
        return found.number(0) > eventsMax ? null : new FoundRuns(RunFinder.text(found, 1), tables.position());
    }

    /** Whether a word is the beginning of others: of these SQLite gathers all events before it gives one, so that each run would cost all of them. A quoted word can look like one, which does no harm. */
    private boolean hasBeginning() {
        return match.contains("\"*");
    }

    /** The page; null when it is not full after as many runs as are looked into. */
    private @Nullable RunPage<RunInfo> lookIntoEach() {
        List<Row> found = new ArrayList<>();
        RunFilter next = filter.limit(Math.min(bounds.runs, filter.limit() + 1));
        long position = Long.MAX_VALUE;
        int left = bounds.runs;
        boolean more = true;
        while (more && found.size() <= filter.limit()) {
            if (left == 0) {
                return null;
            }
            next = next.limit(Math.min(left, next.limit()));
            Part part = part(new RunList(next), next.freshness());
            more = part.rows.size() > next.limit();
            List<Row> rows = more ? part.rows.subList(0, next.limit()) : part.rows;
            Part fitting = views.query(
                    TextView.NAME,
                    Freshness.any(), // it was new enough
                    tables -> new Part(
                            rows.stream().filter(row -> fits(row, tables)).toList(), tables.position()));
            found.addAll(fitting.rows);
            position = Math.min(position, Math.min(part.position, fitting.position));
            left -= rows.size();
            next = next.after(more ? RunList.cursor(rows.get(rows.size() - 1)) : null)
                    .limit(Math.min(bounds.runs, 4 * next.limit()))
                    .freshness(Freshness.any());
        }
        return new RunList(filter).page(found.subList(0, Math.min(found.size(), filter.limit() + 1)), position);
    }

    /** What is found by the hash of an id is compared with the run's number: another run may have had that id. */
    private boolean fits(Row run, ViewReader tables) {
        return !tables.query(
                        "SELECT 1 FROM message_text m CROSS JOIN run_text t ON t.pos = m.rowid"
                                + " WHERE message_text MATCH ? AND t.run = ? LIMIT 1",
                        match + " AND attrs : " + HashedWord.of(HashedWord.RUN, RunList.id(run)),
                        RunList.number(run))
                .isEmpty();
    }
}
