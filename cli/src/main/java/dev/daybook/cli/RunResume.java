package dev.daybook.cli;

import dev.daybook.Daybook;
import dev.daybook.InvalidEventException;
import dev.daybook.run.Resume;
import dev.daybook.run.RunRef;
import dev.daybook.stream.NewEvent;
import java.util.Map;

/** {@code run resume}. */
final class RunResume implements Command {

    @Override
    public Syntax syntax() {
        return Syntax.of("Begin the next attempt of a run that failed, crashed, was interrupted or cancelled.")
                .detail("Nobody owns it, as with run start. What a step recorded counts on, unless --from goes back to"
                        + " a point before it.")
                .required("RUN", "The run; the beginning of its id, when that is enough.")
                .option("--from", "POINT", "current (the default), previous (the last step again), or a step's name.")
                .option(
                        "--input",
                        "K=V",
                        "Fields of the input to replace: JSON, or a text; several with commas between them, or one JSON object.")
                .example("daybook run resume 01JD3M")
                .example("daybook run resume 01JD3M --from draft --input depth=2");
    }

    @Override
    public int run(Call call) {
        Arguments arguments = call.arguments();
        Resume how = from(arguments.option("--from", "current"));
        String input = arguments.option("--input");
        how = input == null ? how : how.overrides(overrides(input));
        try (Daybook book = call.openExistingForWriting()) {
            RunRef run = RunWords.find(book, arguments.required(0));
            RunWords.tell(call, book.runs().reopen(run.id(), how).info());
        }
        return Exit.OK;
    }

    private static Resume from(String point) {
        return switch (point) {
            case "current" -> Resume.current();
            case "previous" -> Resume.previous();
            default -> Resume.step(point);
        };
    }

    private static String overrides(String input) {
        if (input.startsWith("{")) {
            return input;
        }
        Json fields = Json.object();
        for (Map.Entry<String, String> field : RunWords.pairs("--input", input).entrySet()) {
            try {
                NewEvent.json("input", field.getValue());
                fields.raw(field.getKey(), field.getValue());
            } catch (InvalidEventException e) {
                fields.field(field.getKey(), field.getValue()); // no JSON, so a text
            }
        }
        return fields.toString();
    }
}
