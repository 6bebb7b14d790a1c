package dev.daybook.internal.run;

import dev.daybook.Freshness;
import dev.daybook.run.AttemptRecord;
import dev.daybook.run.RunFilter;
import dev.daybook.run.RunInfo;
import dev.daybook.run.RunPage;
import dev.daybook.run.RunStatistics;
import dev.daybook.run.RunStatus;
import dev.daybook.run.StatisticsOptions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds runs by more than their id. */
public interface RunIndex {

    /** Runs as they are now, newest first. */
    RunPage<RunInfo> list(RunFilter filter);

    /** How many runs have which status, of one workflow or of all. Those that no run has are left out. */
    Map<RunStatus, Long> counts(Optional<String> workflow, Freshness freshness);

    /** Ended attempts, the newest end first. */
    RunPage<AttemptRecord> history(RunFilter filter);

    /** Figures over ended attempts. */
    RunStatistics statistics(RunFilter filter, StatisticsOptions options);

    /**
     * The newest attempt of a run, which has ended.
     *
     * @param micros when
     * @param pos of the line that says so
     */
    record Ended(String id, long micros, long pos) {}

    /** Runs that ended before this time and were not gone on with, the first end first; the first page as far as everything acknowledged says. */
    List<Ended> endedBefore(long micros, @Nullable Ended after, int limit);

    /** How many these are. */
    long endedBefore(long micros);
}
