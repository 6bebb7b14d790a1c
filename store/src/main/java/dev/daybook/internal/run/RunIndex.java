package dev.daybook.internal.run;

import dev.daybook.Freshness;
import dev.daybook.run.RunFilter;
import dev.daybook.run.RunInfo;
import dev.daybook.run.RunPage;
import dev.daybook.run.RunStatus;
import java.util.Map;
import java.util.Optional;

/** Finds runs by more than their id. */
public interface RunIndex {

    /** Runs as they are now, newest first. */
    RunPage<RunInfo> list(RunFilter filter);

    /** How many runs have which status, of one workflow or of all. Those that no run has are left out. */
    Map<RunStatus, Long> counts(Optional<String> workflow, Freshness freshness);
}
