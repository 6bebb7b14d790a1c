package dev.daybook.cli;

import dev.daybook.Daybook;
import dev.daybook.run.RunRef;

/** {@code run complete}. */
final class RunComplete implements Command {

    @Override
    public Syntax syntax() {
        return Syntax.of("End a started run well.")
                .required("RUN", "The run; the beginning of its id, when that is enough.")
                .option("--output", "JSON", "What came of it.")
                .example("daybook run complete 01JD3M --output '{\"summary\":\"...\"}'");
    }

    @Override
    public int run(Call call) {
        String output = RunWords.json(call.arguments(), "--output");
        try (Daybook book = call.openExistingForWriting()) {
            RunRef run = RunWords.find(book, call.arguments().required(0));
            if (output == null) {
                run.complete();
            } else {
                run.complete(output);
            }
            RunWords.tell(call, run.info());
        }
        return Exit.OK;
    }
}
