package dev.daybook.cli;

import dev.daybook.Daybook;
import dev.daybook.run.Runs;
import java.time.Duration;
import java.util.Optional;

/** {@code run cleanup}. */
final class RunCleanup implements Command {

    @Override
    public Syntax syntax() {
        return Syntax.of("Delete runs that ended long ago, with their documents, and print how many.")
                .detail(
                        "Queued and started runs stay, whatever their age. Deleted runs leave the history and the statistics.")
                .option("--older-than", "D", "How long ago they must have ended, such as 30d. Needed.")
                .flag("--dry-run", "Only say how many it would be.")
                .example("daybook run cleanup --older-than 30d --dry-run")
                .example("daybook run cleanup --older-than 30d");
    }

    @Override
    public int run(Call call) {
        String given = call.arguments().option("--older-than");
        if (given == null) {
            throw Failure.usage("say with --older-than how long ago they must have ended, such as 30d");
        }
        Duration olderThan = Times.duration("--older-than", given);
        if (call.arguments().flag("--dry-run")) {
            try (Daybook book = call.openForAsking()) {
                tell(call, "wouldDelete", awaited(call, book).cleanable(olderThan), " would be deleted");
            }
        } else {
            try (Daybook book = call.openExistingForWriting()) {
                tell(call, "deleted", awaited(call, book).cleanup(olderThan), " deleted");
            }
        }
        return Exit.OK;
    }

    /** When the view is there: it may have to be made first. */
    private static Runs awaited(Call call, Daybook book) {
        ViewWait.ask(call, fresh -> book.runs().counts(Optional.empty(), fresh));
        return book.runs();
    }

    private static void tell(Call call, String field, long count, String what) {
        call.print(Json.object().field(field, count), count + (count == 1 ? " run" : " runs") + what);
    }
}
