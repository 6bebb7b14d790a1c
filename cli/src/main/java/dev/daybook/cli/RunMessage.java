package dev.daybook.cli;

import dev.daybook.Daybook;
import dev.daybook.run.NewMessage;
import dev.daybook.run.RunRef;
import dev.daybook.stream.Appended;
import java.io.IOException;

/** {@code run message}. */
final class RunMessage implements Command {

    @Override
    public Syntax syntax() {
        return Syntax.of("Add a message to a run.")
                .detail("Prints its number in the run when it is on stable storage.")
                .required("RUN", "The run; the beginning of its id, when that is enough.")
                .optional("-", "Read the text from standard input.")
                .option("--role", "R", "Who speaks.")
                .option("--content", "TEXT", "The text.")
                .option("--meta", "JSON", "An object about it.")
                .option("--id", "ID", "A message with this id that is there already is not added again.")
                .example("daybook run message 01JD3M --role user --content 'Summarise the page.'")
                .example("daybook run message 01JD3M --role tool --meta '{\"status\":200}' - < page.txt");
    }

    @Override
    public int run(Call call) throws IOException {
        Arguments arguments = call.arguments();
        String role = arguments.option("--role");
        if (role == null) {
            throw Failure.usage("say who speaks with --role R");
        }
        String content = call.given(1, "--content", "a text");
        if (content == null) {
            throw Failure.usage("give the text with --content TEXT, or - to read it from standard input");
        }
        NewMessage message = NewMessage.text(role, content);
        String meta = RunWords.json(arguments, "--meta");
        message = meta == null ? message : message.meta(meta);
        String id = arguments.option("--id");
        message = id == null ? message : message.id(id);
        try (Daybook book = call.openExistingForWriting()) {
            RunRef run = RunWords.find(book, arguments.required(0));
            Appended appended = run.message(message);
            call.print(
                    Json.object()
                            .field("stream", appended.stream())
                            .field("pos", appended.pos())
                            .field("seq", appended.seq()),
                    run.id() + " " + appended.seq());
        }
        return Exit.OK;
    }
}
