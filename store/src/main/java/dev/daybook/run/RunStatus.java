package dev.daybook.run;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Where a run is. {@link #next()} is the transition table, which the store enforces on its commit thread. */
public enum RunStatus {
    /** It waits for a worker or a slot. */
    QUEUED,
    /** It is being worked on. */
    STARTED,
    /** It did what it should. Final. */
    COMPLETED,
    /** It ended with an error; it may be gone on with as a new attempt. */
    FAILED,
    /** Its owner is gone; it may be gone on with. */
    CRASHED,
    /** A drain stopped it; it may be gone on with. */
    INTERRUPTED,
    /** Somebody wanted it to end; it may be gone on with. */
    CANCELLED,
    /** Ended at once and for good. Final. */
    KILLED,
    /** There was no room for it. Final. */
    DROPPED,
    /** A newer Daybook wrote a status that this one does not know. It can be read, not changed. */
    UNKNOWN;

    private static final Map<String, RunStatus> BY_TEXT =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(RunStatus::text, Function.identity()));

    private final String text = name().toLowerCase(Locale.ROOT);

    /** The statuses that can follow directly. A new run begins as queued, started or dropped. */
    public Set<RunStatus> next() {
        return switch (this) {
            case QUEUED -> EnumSet.of(STARTED, DROPPED, CANCELLED, KILLED);
            case STARTED -> EnumSet.of(COMPLETED, FAILED, CRASHED, INTERRUPTED, CANCELLED, KILLED);
            case FAILED, CRASHED, INTERRUPTED, CANCELLED -> EnumSet.of(QUEUED, STARTED);
            case COMPLETED, KILLED, DROPPED, UNKNOWN -> EnumSet.noneOf(RunStatus.class);
        };
    }

    /** Whether the current attempt is over. */
    public boolean ended() {
        return this != QUEUED && this != STARTED && this != UNKNOWN;
    }

    /** Whether a new attempt can follow. */
    public boolean resumable() {
        return ended() && !next().isEmpty();
    }

    /** The status of this text; {@link #UNKNOWN} for one that this Daybook does not know. */
    public static RunStatus of(String text) {
        RunStatus status = BY_TEXT.get(text);
        return status == null ? UNKNOWN : status;
    }

    /** As it stands in the journal and in JSON. */
    public String text() {
        return text;
    }
}
