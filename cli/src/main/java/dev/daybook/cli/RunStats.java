package dev.daybook.cli;

import dev.daybook.Daybook;
import dev.daybook.run.RunFilter;
import dev.daybook.run.RunStatistics;
import dev.daybook.run.RunStatistics.Bucket;
import dev.daybook.run.RunStatistics.Figures;
import dev.daybook.run.StatisticsOptions;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** {@code run stats}. */
final class RunStats implements Command {
    private static final int NAME_CHARS = 40;

    @Override
    public Syntax syntax() {
        return RunFilters.conditions(
                        Syntax.of("Say how many attempts ended how, and how long they took."), "attempts that ended")
                .option("--bucket", "D", "Also for each such length of time, such as 1h or 1d; at least 1m.")
                .detail(
                        "The success rate is completed of completed and failed. Percentiles are exact. Figures are of all that"
                                + " is found, and of each workflow unless there are more than 10,000 of them.")
                .example("daybook run stats --since 7d --bucket 1d")
                .example("daybook run stats --workflow import --json | jq .p95Millis");
    }

    @Override
    public int run(Call call) {
        Arguments arguments = call.arguments();
        RunFilter asked = RunFilters.of(arguments);
        String bucket = arguments.option("--bucket");
        try {
            StatisticsOptions options = StatisticsOptions.total().withWorkflows(true);
            StatisticsOptions wanted =
                    bucket == null ? options : options.withBucket(Times.duration("--bucket", bucket));
            try (Daybook book = call.openForAsking()) {
                RunFilter filter = RunFilters.below(asked, book, arguments.option("--parent"));
                RunStatistics statistics = statistics(call, book, filter, wanted);
                if (call.json()) {
                    call.out().line(json(statistics, bucket != null));
                } else {
                    print(call.out(), statistics);
                }
            }
        } catch (IllegalArgumentException e) {
            throw Failure.usage(String.valueOf(e.getMessage())); // a bucket that is none
        }
        return Exit.OK;
    }

    /** Without the figures of each workflow, where these are too many. */
    private static RunStatistics statistics(Call call, Daybook book, RunFilter filter, StatisticsOptions wanted) {
        try {
            return ViewWait.ask(call, fresh -> book.runs().statistics(filter.freshness(fresh), wanted));
        } catch (IllegalArgumentException e) {
            StatisticsOptions fewer = wanted.withWorkflows(false);
            RunStatistics statistics =
                    ViewWait.ask(call, fresh -> book.runs().statistics(filter.freshness(fresh), fewer));
            call.messages().say("no figures of each workflow: " + e.getMessage());
            return statistics;
        }
    }

    private static void print(Output out, RunStatistics statistics) {
        Figures all = statistics.all();
        String statuses = all.byStatus().entrySet().stream()
                .map(entry -> "  " + entry.getKey().text() + " " + entry.getValue())
                .collect(Collectors.joining());
        out.line("all " + all.total() + statuses);
        if (all.total() == 0) {
            return;
        }
        out.line("");
        Table table = table("WORKFLOW");
        row(table, "", all);
        statistics.byWorkflow().forEach((name, figures) -> row(table, RunWords.line(name, NAME_CHARS), figures));
        table.print(out);
        if (!statistics.series().isEmpty()) {
            out.line("");
            Table series = table("FROM");
            statistics.series().forEach(bucket -> row(series, Times.format(bucket.from()), bucket.figures()));
            series.print(out);
        }
    }

    private static Table table(String what) {
        return new Table(what, ">ENDED", ">SUCCESS", ">MEAN", ">P50", ">P95", ">P99");
    }

    private static void row(Table table, String name, Figures figures) {
        table.row(
                name,
                Long.toString(figures.total()),
                figures.successRate()
                        .map(rate -> String.format(Locale.ROOT, "%.1f %%", 100 * rate))
                        .orElse(""),
                figures.mean().map(RunWords::text).orElse(""),
                figures.p50().map(RunWords::text).orElse(""),
                figures.p95().map(RunWords::text).orElse(""),
                figures.p99().map(RunWords::text).orElse(""));
    }

    private static String json(RunStatistics statistics, boolean buckets) {
        List<Json> byWorkflow = statistics.byWorkflow().entrySet().stream()
                .map(entry -> Json.object().field("workflow", entry.getKey()).fields(json(entry.getValue())))
                .toList();
        Json json = json(statistics.all()).raw("byWorkflow", RunWords.array(byWorkflow, item -> item));
        return (buckets ? json.raw("series", RunWords.array(statistics.series(), RunStats::json)) : json).toString();
    }

    private static Json json(Bucket bucket) {
        return Json.object()
                .field("from", Optional.of(bucket.from()))
                .field("to", Optional.of(bucket.to()))
                .fields(json(bucket.figures()));
    }

    private static Json json(Figures figures) {
        Json byStatus = Json.object();
        figures.byStatus().forEach((status, count) -> byStatus.field(status.text(), count));
        return Json.object()
                .field("total", figures.total())
                .field("byStatus", byStatus)
                .raw("successRate", figures.successRate().map(String::valueOf).orElse("null"))
                .raw("meanMillis", RunWords.millis(figures.mean()))
                .raw("p50Millis", RunWords.millis(figures.p50()))
                .raw("p95Millis", RunWords.millis(figures.p95()))
                .raw("p99Millis", RunWords.millis(figures.p99()));
    }
}
