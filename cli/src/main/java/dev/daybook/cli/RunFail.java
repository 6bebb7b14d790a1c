package dev.daybook.cli;

import dev.daybook.Daybook;
import dev.daybook.run.RunRef;

/** {@code run fail}. */
final class RunFail implements Command {

    @Override
    public Syntax syntax() {
        return Syntax.of("End a started run with an error.")
                .required("RUN", "The run; the beginning of its id, when that is enough.")
                .option("--error", "TEXT", "What went wrong.")
                .option("--exit-code", "N", "The exit status of what was run.")
                .example("daybook run fail 01JD3M --error 'no such file' --exit-code 2");
    }

    @Override
    public int run(Call call) {
        String error = call.arguments().option("--error", "");
        int exitCode = (int) Math.min(call.arguments().number("--exit-code", 0, -1), Integer.MAX_VALUE);
        try (Daybook book = call.openExistingForWriting()) {
            RunRef run = RunWords.find(book, call.arguments().required(0));
            if (exitCode < 0) {
                run.fail(error);
            } else {
                run.fail(error, exitCode);
            }
            RunWords.tell(call, run.info());
        }
        return Exit.OK;
    }
}
