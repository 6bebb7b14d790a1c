package dev.daybook.view.sqlite;

import dev.daybook.internal.time.Timestamps;
import dev.daybook.run.RunStatistics;
import dev.daybook.run.RunStatistics.Bucket;
import dev.daybook.run.RunStatus;
import dev.daybook.run.StatisticsOptions;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Statistics as they are told, made of what the blocks say. */
final class RunFigures {
    /** Buckets, and workflows: each has a kilobyte or so. */
    private static final int GROUPS_MAX = 10_000;

    private static final int[] PERCENTS = {50, 95, 99};
    private static final int[] NONE = {};

    private RunFigures() {}

    /** @throws IllegalArgumentException when there are too many buckets, or workflows */
    static RunStatistics of(Blocks blocks, Blocks.Filter filter, StatisticsOptions options, long position) {
        int[] percents = options.percentiles() ? PERCENTS : NONE;
        Map<String, RunStatistics.Figures> byWorkflow = new LinkedHashMap<>();
        if (options.byWorkflow()) {
            blocks.byWorkflow(filter, GROUPS_MAX, percents)
                    .forEach((name, of) -> byWorkflow.put(name, figures(of, options)));
        }
        List<Bucket> series = new ArrayList<>();
        if (!options.bucket().isZero()) {
            long length = NewestFirst.micros(options.bucket(), 0);
            blocks.byTime(filter, length, GROUPS_MAX, percents)
                    .forEach((from, of) ->
                            series.add(new Bucket(time(from), time(from + length), figures(of, options))));
        }
        return new RunStatistics(
                figures(blocks.figures(filter, percents), options),
                Collections.unmodifiableMap(byWorkflow),
                Collections.unmodifiableList(series),
                position);
    }

    /** A bucket may begin before the first time that there is, or end behind the last. */
    private static Instant time(long micros) {
        return Timestamps.instant(Math.max(Timestamps.MICROS_MIN, Math.min(Timestamps.MICROS_MAX, micros)));
    }

    private static RunStatistics.Figures figures(Figures of, StatisticsOptions options) {
        Map<RunStatus, Long> byStatus = new EnumMap<>(RunStatus.class);
        Map<RunStatus, Duration> means = new EnumMap<>(RunStatus.class);
        for (RunStatus status : RunStatus.values()) {
            int code = AttemptBlocks.code(status);
            if (of.count(code) > 0) {
                byStatus.put(status, of.count(code));
                duration(of.mean(code)).ifPresent(mean -> means.put(status, mean));
            }
        }
        long completed = of.count(AttemptBlocks.code(RunStatus.COMPLETED));
        long judged = completed + of.count(AttemptBlocks.code(RunStatus.FAILED));
        return new RunStatistics.Figures(
                of.total(),
                Collections.unmodifiableMap(byStatus),
                Collections.unmodifiableMap(means),
                judged == 0 ? Optional.empty() : Optional.of((double) completed / judged),
                duration(of.mean()),
                percentile(of, 50, options),
                percentile(of, 95, options),
                percentile(of, 99, options));
    }

    private static Optional<Duration> percentile(Figures of, int percent, StatisticsOptions options) {
        return options.percentiles() ? duration(of.percentile(percent)) : Optional.empty();
    }

    private static Optional<Duration> duration(OptionalLong micros) {
        return micros.isEmpty() ? Optional.empty() : Optional.of(Duration.of(micros.getAsLong(), ChronoUnit.MICROS));
    }
}
