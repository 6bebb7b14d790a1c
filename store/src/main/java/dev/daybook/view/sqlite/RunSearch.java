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
import org.jspecify.annotations.Nullable;

/**
 * Lists runs that have words in one of their events. The view {@code text} names the runs, and {@code runs} the page of them; but words that very many events have are looked for in one run of the list after the
 * other, of which most will have them.
 */
final class RunSearch {
    static final int EVENTS_MAX = 20_000;

    /** Runs that are looked into at a time. */
    private static final int RUNS_MAX = 2_000;

    private final Views views;
    private final RunFilter filter;
    private final String match;
    private final int eventsMax;

    /** @param eventsMax with more events than these, runs are looked into */
    RunSearch(Views views, RunFilter filter, String words, int eventsMax) {
        this.views = views;
        this.filter = filter;
        this.eventsMax = eventsMax;
        this.match = "text : (" + SearchWords.query(words) + ")";
    }

    /** @param runs their numbers, as a JSON array; null when there are too many */
    private record Hits(@Nullable String runs, long position) {}

    private record Part(List<Row> rows, long position) {}

    RunPage<RunInfo> list() {
        Hits hits = views.query(TextView.NAME, filter.freshness(), this::hits);
        if (hits.runs == null) {
            return lookIntoEach(hits.position);
        }
        RunList list = new RunList(filter, hits.runs);
        Part part = views.query(
                RunFinder.VIEW, filter.freshness(), tables -> new Part(list.rows(tables), tables.position()));
        return list.page(part.rows, Math.min(part.position, hits.position));
    }

    /** The runs, as a JSON array of their numbers; null when there are too many events. */
    @Nullable
    String runs() {
        return views.query(TextView.NAME, filter.freshness(), this::hits).runs;
    }

    private Hits hits(ViewReader tables) {
        Row found = tables.query(
                        "SELECT count(*), json_group_array(DISTINCT run) FROM"
                                + " (SELECT rowid AS pos FROM message_text WHERE message_text MATCH ? LIMIT ?)"
                                + " CROSS JOIN run_text USING (pos)",
                        match,
                        eventsMax + 1)
                .get(0);
        return new Hits(found.number(0) > eventsMax ? null : found.text(1), tables.position());
    }

    private RunPage<RunInfo> lookIntoEach(long textPosition) {
        List<Row> found = new ArrayList<>();
        RunFilter next = filter.limit(Math.min(RUNS_MAX, filter.limit() + 1));
        long position = textPosition;
        boolean more = true;
        while (more && found.size() <= filter.limit()) {
            RunList list = new RunList(next);
            Part part = views.query(
                    RunFinder.VIEW, next.freshness(), tables -> new Part(list.rows(tables), tables.position()));
            more = part.rows.size() > next.limit();
            List<Row> rows = more ? part.rows.subList(0, next.limit()) : part.rows;
            found.addAll(views.query(
                    TextView.NAME,
                    Freshness.any(),
                    tables -> rows.stream()
                            .filter(row -> fits(RunList.id(row), tables))
                            .toList()));
            position = Math.min(position, part.position);
            next = next.after(more ? RunList.cursor(rows.get(rows.size() - 1)) : null)
                    .limit(Math.min(RUNS_MAX, 4 * next.limit()))
                    .freshness(Freshness.any()); // it was new enough
        }
        return new RunList(filter).page(found.subList(0, Math.min(found.size(), filter.limit() + 1)), position);
    }

    /** What is found by the hash of an id is compared with the id. */
    private boolean fits(String id, ViewReader tables) {
        return !tables.query(
                        "SELECT 1 FROM message_text m CROSS JOIN run_text t ON t.pos = m.rowid CROSS JOIN run USING (run)"
                                + " WHERE message_text MATCH ? AND id = ? LIMIT 1",
                        match + " AND attrs : " + HashedWord.of(HashedWord.RUN, id),
                        id)
                .isEmpty();
    }
}
