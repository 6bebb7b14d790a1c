package dev.daybook.cli;

import dev.daybook.Daybook;
import dev.daybook.StreamNotFoundException;
import dev.daybook.stream.Event;
import dev.daybook.stream.PayloadForm;
import dev.daybook.stream.ReadOptions;
import dev.daybook.stream.Stream;
import java.time.Instant;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** {@code stream read}. */
final class StreamRead implements Command {

    @Override
    public Syntax syntax() {
        return Syntax.of("Print a stream's events: one payload per line, or with --json the whole event.")
                .detail(
                        "Bytes are printed as base64. Times are commit times, both ends included: ISO-8601, a date (UTC),"
                                + " or a duration back from now such as 15m or 7d.")
                .required("NAME", "The stream.")
                .option("--since", "SEQ", "Only events after this sequence number.")
                .option("--limit", "N", "At most N events; default: all.")
                .flag("--reverse", "Newest first; with --limit, the newest N.")
                .option("--from", "TIME", "Only events committed at or after this time.")
                .option("--to", "TIME", "Only events committed at or before this time.")
                .example("daybook stream read chats/42")
                .example("daybook stream read runs/7 --reverse --limit 5 --json")
                .example("daybook stream read runs/7 --from 15m | jq .content");
    }

    @Override
    public int run(Call call) {
        Arguments arguments = call.arguments();
        ReadOptions options = ReadOptions.all()
                .since(arguments.number("--since", 0, 0))
                .limit(arguments.number("--limit", 1, Long.MAX_VALUE))
                .reverse(arguments.flag("--reverse"))
                .between(time(arguments, "--from", false), time(arguments, "--to", true));
        try (Daybook book = call.openForReading()) {
            Stream stream = book.stream(arguments.required(0));
            if (stream.info().isEmpty()) {
                throw new StreamNotFoundException(stream.name());
            }
            for (Event event : stream.read(options)) {
                print(call, event);
            }
        }
        return Exit.OK;
    }

    private static @Nullable Instant time(Arguments arguments, String option, boolean end) {
        String text = arguments.option(option);
        return text == null ? null : Times.parse(option, text, Instant.now(), end);
    }

    static void print(Call call, Event event) {
        if (call.json()) {
            call.out().line(event.line());
        } else if (event.form() == PayloadForm.BINARY) {
            call.out().line(Base64.getEncoder().encode(event.bytes()));
        } else {
            call.out().line(event.bytes());
        }
    }
}
