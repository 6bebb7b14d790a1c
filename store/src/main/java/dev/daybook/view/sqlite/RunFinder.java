package dev.daybook.view.sqlite;

import dev.daybook.Freshness;
import dev.daybook.internal.run.RunIndex;
import dev.daybook.internal.search.ComparedText;
import dev.daybook.internal.time.Timestamps;
import dev.daybook.run.AttemptRecord;
import dev.daybook.run.RunFilter;
import dev.daybook.run.RunInfo;
import dev.daybook.run.RunPage;
import dev.daybook.run.RunStatistics;
import dev.daybook.run.RunStatus;
import dev.daybook.run.StatisticsOptions;
import dev.daybook.view.ViewReader;
import dev.daybook.view.ViewReader.Row;
import dev.daybook.view.Views;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Answers questions about runs from the view {@code runs}. */
public final class RunFinder implements RunIndex {
    static final String VIEW = "runs";

    private final Supplier<Views> views;
    private final AttemptBlocks blocks = new AttemptBlocks();

    /** @param views asked for when something is looked for */
    public RunFinder(Supplier<Views> views) {
        this.views = views;
    }

    @Override
    public RunPage<RunInfo> list(RunFilter filter) {
        if (filter.text() != null) {
            return new RunSearch(views.get(), filter, filter.text(), RunSearch.USUAL).list();
        }
        RunList list = new RunList(filter);
        return views.get().query(VIEW, filter.freshness(), list::page);
    }

    @Override
    public Map<RunStatus, Long> counts(Optional<String> workflow, Freshness freshness) {
        ComparedText.require("workflow", workflow.orElse(null));
        Map<RunStatus, Long> counts = new EnumMap<>(RunStatus.class);
        views.get()
                .query(VIEW, freshness, tables -> tally(workflow.orElse(null), tables))
                .forEach((word, runs) -> counts.merge(RunStatus.of(word), runs, Long::sum));
        return counts;
    }

    /** How many runs have which status, as it is stored, of one workflow or of all. */
    static Map<String, Long> tally(@Nullable String workflow, ViewReader tables) {
        String sums = "SELECT status, sum(runs) FROM tally";
        List<Row> rows = workflow == null
                ? tables.query(sums + " GROUP BY status")
                : tables.query(sums + " WHERE workflow = ? GROUP BY status", workflow);
        return rows.stream().collect(Collectors.toMap(row -> text(row, 0), row -> row.number(1)));
    }

    @Override
    public RunPage<AttemptRecord> history(RunFilter filter) {
        AttemptList list = new AttemptList(filter, among(filter));
        return views.get().query(VIEW, filter.freshness(), tables -> list.page(tables, blocks));
    }

    @Override
    public RunStatistics statistics(RunFilter filter, StatisticsOptions options) {
        AttemptList list = new AttemptList(filter.after(null), among(filter));
        return views.get()
                .query(
                        VIEW,
                        filter.freshness(),
                        tables -> RunFigures.of(
                                list.blocks(tables, blocks),
                                AttemptList.inBlocks(filter),
                                options,
                                list.position(tables)));
    }

    /** The runs with a text, if one is asked for. */
    private @Nullable FoundRuns among(RunFilter filter) {
        return filter.text() == null ? null : new RunSearch(views.get(), filter, filter.text(), RunSearch.USUAL).runs();
    }

    /** Attempts that ended before a time, and were the last of their runs. */
    private static final String ENDED =
            " FROM attempt AS a INDEXED BY attempt_ended CROSS JOIN run AS r ON r.run = a.run"
                    + " WHERE a.attempt = r.attempt AND r.ended IS NOT NULL AND a.ended < ?";

    @Override
    public List<Ended> endedBefore(long micros, @Nullable Ended after, int limit) {
        String behind = after == null ? "" : " AND a.ended >= ? AND (a.ended > ? OR a.pos > ?)";
        List<Object> arguments = new ArrayList<>(List.of(micros));
        if (after != null) {
            arguments.addAll(List.of(after.micros(), after.micros(), after.pos()));
        }
        arguments.add(limit);
        String sql = "SELECT r.id, a.ended, a.pos" + ENDED + behind + " ORDER BY a.ended, a.pos LIMIT ?";
        // What was deleted since the page before lies before it, so nobody has to wait for that.
        Freshness freshness = after == null ? Freshness.own() : Freshness.any();
        return views.get().query(VIEW, freshness, tables -> tables.query(sql, arguments.toArray())).stream()
                .map(row -> new Ended(text(row, 0), row.number(1), row.number(2)))
                .toList();
    }

    @Override
    public long endedBefore(long micros) {
        String sql = "SELECT count(*)" + ENDED;
        return views.get()
                .query(
                        VIEW,
                        Freshness.own(),
                        tables -> tables.query(sql, micros).get(0).number(0));
    }

    static RunStatus status(Row row, int column) {
        return RunStatus.of(text(row, column));
    }

    static String text(Row row, int column) {
        return String.valueOf(row.text(column));
    }

    static Optional<String> optional(Row row, int column) {
        return Optional.ofNullable(row.text(column));
    }

    static Optional<Instant> time(Row row, int column) {
        return row.isNull(column) ? Optional.empty() : Optional.of(Timestamps.instant(row.number(column)));
    }

    static Optional<Integer> smallNumber(Row row, int column) {
        return row.isNull(column) || row.number(column) != (int) row.number(column)
                ? Optional.empty()
                : Optional.of((int) row.number(column));
    }

    static Map<String, String> tags(Row row, int column) {
        String json = text(row, column);
        return json.equals(RunFields.NO_TAGS) ? Map.of() : RunFields.tags(json.getBytes(StandardCharsets.UTF_8));
    }
}
