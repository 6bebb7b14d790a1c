package dev.daybook.examples;

import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.run.RunEvents;
import dev.daybook.run.RunStatus;
import dev.daybook.stream.Event;
import dev.daybook.stream.Subscription;
import java.nio.file.Path;
import java.util.Optional;

/** Follows one run from its beginning to its end, in another process than the one that works on it. */
public final class LiveTail {
    private LiveTail() {}

    public static void main(String[] arguments) {
        System.exit(follow(Path.of(arguments[0]), arguments[1]) == RunStatus.COMPLETED ? 0 : 1);
    }

    static RunStatus follow(Path directory, String id) {
        try (Daybook book = Daybook.open(directory, DaybookOptions.defaults().withReadOnly(true));
                Subscription live = book.runs().run(id).subscribe(0)) {
            for (Event event : live) {
                System.out.println(event.time() + " " + event.type() + " " + event.data());
                Optional<RunStatus> status = RunEvents.status(event);
                if (status.isPresent() && status.get().ended()) {
                    return status.get();
                }
            }
            return RunStatus.STARTED; // the store was closed
        }
    }
}
