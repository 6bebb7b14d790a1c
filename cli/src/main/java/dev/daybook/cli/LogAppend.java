package dev.daybook.cli;

import dev.daybook.Daybook;
import dev.daybook.log.NewLogRow;
import dev.daybook.stream.Appended;
import java.io.IOException;
import java.time.Instant;

/** {@code log append}. */
final class LogAppend implements Command {

    @Override
    public Syntax syntax() {
        return Syntax.of("Append a row to the log.")
                .detail("Prints the row's id when it is on stable storage.")
                .optional("-", "Read the payload from standard input, as JSON.")
                .option("--source", "S", "Who says it.")
                .option("--type", "T", "What it is.")
                .option("--ref", "R", "What it is about: a run's id, or anything.")
                .option("--payload", "JSON", "Any JSON value; default: null.")
                .option("--occurred", "TIME", "When it happened, if that was not now.")
                .example("daybook log append --source planner --type started --ref 01JD3M --payload '{\"cities\":12}'")
                .example("daybook log append --source sensor --type late --occurred 2026-11-20T21:00:00Z - < row.json");
    }

    @Override
    public int run(Call call) throws IOException {
        Arguments arguments = call.arguments();
        String source = arguments.option("--source");
        String type = arguments.option("--type");
        if (source == null || type == null) {
            throw Failure.usage("say who and what with --source S and --type T");
        }
        String payload = call.given(0, "--payload", "a payload");
        NewLogRow row = NewLogRow.of(source, type).json(payload == null ? "null" : payload.strip());
        String ref = arguments.option("--ref");
        String occurred = arguments.option("--occurred");
        row = ref == null ? row : row.ref(ref);
        row = occurred == null ? row : row.occurred(Times.parse("--occurred", occurred, Instant.now(), false));
        row.event(); // a bad row is found before a store is made
        try (Daybook book = call.openForWriting()) {
            Appended appended = book.logs().append(row);
            call.print(
                    Json.object().field("id", appended.seq()).field("pos", appended.pos()),
                    Long.toString(appended.seq()));
        }
        return Exit.OK;
    }
}
