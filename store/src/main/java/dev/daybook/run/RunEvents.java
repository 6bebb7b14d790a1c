package dev.daybook.run;

import dev.daybook.stream.Event;
import java.util.Optional;

/** Reads what the events of a run say, for those who follow one. */
public final class RunEvents {
    private RunEvents() {}

    /** The status that this event gives the run, or empty when it does not change it. */
    public static Optional<RunStatus> status(Event event) {
        for (RunStatus status : RunStatus.values()) {
            if (status.text().equals(event.type())) {
                return Optional.of(status);
            }
        }
        return Optional.empty();
    }
}
