package dev.daybook.cli;

import dev.daybook.Daybook;
import dev.daybook.run.RunRef;
import java.time.Duration;

/** {@code run cancel}. */
final class RunCancel implements Command {

    @Override
    public Syntax syntax() {
        return Syntax.of("End a queued or started run because somebody wants it.")
                .detail("A cancelled run can be gone on with, a killed one cannot.")
                .required("RUN", "The run; the beginning of its id, when that is enough.")
                .option("--reason", "TEXT", "Why.")
                .flag("--kill", "For good.")
                .example("daybook run cancel 01JD3M --reason 'not needed any more'")
                .example("daybook run cancel 01JD3M --kill");
    }

    @Override
    public int run(Call call) {
        String reason = call.arguments().option("--reason", "");
        try (Daybook book = call.openExistingForWriting()) {
            RunRef run = RunWords.find(book, call.arguments().required(0));
            if (call.arguments().flag("--kill")) {
                run.kill(reason);
            } else {
                run.cancel(reason, Duration.ZERO);
            }
            RunWords.tell(call, run.info());
        }
        return Exit.OK;
    }
}
