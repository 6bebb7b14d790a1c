package dev.daybook.testkit;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/** Counts what happened in many crash runs: a harness in which something never happens proves nothing about it. Thread-safe. */
final class Coverage {

    /** What must happen in a large enough set of seeds. */
    enum Happening {
        KILL,
        POWER_CUT,
        CRASH_WHILE_OPENING,
        CLEAN_CLOSE,
        ROLL,
        OPEN_WITH_CHECKPOINT,
        APPEND,
        BATCH,
        TRUNCATION,
        REPLACEMENT,
        STREAM_CLOSED,
        STREAM_DELETED,
        DUPLICATE,
        CONFLICT,
        UNACKNOWLEDGED_KEPT,
        UNACKNOWLEDGED_LOST,
        TAIL_CUT,
        DOUBTFUL_LINES,
        FINAL_FAILURE,
        NO_SPACE,
        READER_LOOKED,
        BACKGROUND_SYNC_LOST_EVENTS,
        FLIPPED_BIT_REFUSED
    }

    private final Map<Happening, LongAdder> counts = new EnumMap<>(Happening.class);

    Coverage() {
        for (Happening happening : Happening.values()) {
            counts.put(happening, new LongAdder());
        }
    }

    void count(Happening happening) {
        counts.get(happening).increment();
    }

    List<Happening> missing() {
        return Stream.of(Happening.values())
                .filter(h -> counts.get(h).sum() == 0)
                .toList();
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        counts.forEach((happening, count) -> text.append(' ')
                .append(happening.name().toLowerCase(java.util.Locale.ROOT))
                .append('=')
                .append(count));
        return text.toString().strip();
    }
}
