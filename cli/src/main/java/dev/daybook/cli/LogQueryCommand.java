package dev.daybook.cli;

import dev.daybook.Daybook;
import dev.daybook.log.LogPage;
import dev.daybook.log.LogQuery;
import dev.daybook.log.LogRow;
import java.time.Instant;

/** {@code log query}. */
final class LogQueryCommand implements Command {
    private static final int DEFAULT_LIMIT = 20;

    @Override
    public Syntax syntax() {
        return Syntax.of("Print rows of the log, oldest first.")
                .detail(
                        "A row's time is when it happened, else when it was appended; --since and --until are meant so, both ends"
                                + " included: ISO-8601, a date (UTC), or a duration back from now such as 15m or 7d.")
                .detail(
                        "Words of --text are split at spaces, upper and lower case are alike, accents too; \"two words\" in double"
                                + " quotes stand side by side, a word that ends in * is a beginning, no other sign means anything.")
                .option("--source", "S", "Only rows of this source.")
                .option("--type", "T", "Only rows of this type.")
                .option("--ref", "R", "Only rows about this.")
                .flag("--without-ref", "Only rows without a ref.")
                .option("--since", "TIME", "Only rows at or after this time.")
                .option("--until", "TIME", "Only rows at or before this time.")
                .option(
                        "--text",
                        "WORDS",
                        "Only rows with all these words in their payload's strings; then the order is that of the ids.")
                .flag("--rank", "With --text: what fits best first; at most 1000 rows.")
                .option("--limit", "N", "At most N rows, up to 10000; default: " + DEFAULT_LIMIT + ".")
                .flag("--reverse", "Newest first; with --limit, the newest N.")
                .option("--cursor", "C", "Go on where the last page ended.")
                .example("daybook log query --reverse --limit 50")
                .example("daybook log query --text 'timeout \"connection reset\"' --reverse")
                .example("daybook log query --source planner --since 15m --json | jq .payload");
    }

    @Override
    public int run(Call call) {
        Arguments arguments = call.arguments();
        LogQuery query = query(arguments);
        try (Daybook book = call.openForAsking()) {
            LogPage page = ViewWait.ask(call, fresh -> book.logs().query(query.freshness(fresh)));
            Table table = new Table(">ID", "TIME", "SOURCE", "TYPE", "REF", "PAYLOAD");
            for (LogRow row : page.rows()) {
                if (call.json()) {
                    call.out().line(json(row).toString());
                } else {
                    table.row(
                            Long.toString(row.id()),
                            Times.format(row.time()),
                            row.source(),
                            row.type(),
                            row.ref().orElse(""),
                            row.payload());
                }
            }
            table.print(call.out());
            if (page.next().isPresent()) {
                call.out().flush();
                call.messages()
                        .say("daybook: there are more; go on with --cursor "
                                + page.next().get());
            }
        } catch (IllegalArgumentException e) {
            throw Failure.usage(String.valueOf(e.getMessage())); // a cursor that is none
        }
        return Exit.OK;
    }

    private static Json json(LogRow row) {
        return Json.object()
                .field("id", row.id())
                .field("pos", row.pos())
                .field("time", Times.format(row.time()))
                .field("source", row.source())
                .field("type", row.type())
                .field("ref", row.ref().orElse(null))
                .raw("payload", row.payload());
    }

    private static LogQuery query(Arguments arguments) {
        long limit = arguments.number("--limit", 1, DEFAULT_LIMIT);
        if (limit > 10_000) {
            throw Failure.usage("--limit is at most 10000, not " + limit + "; go on with --cursor");
        }
        LogQuery query =
                LogQuery.all().order(order(arguments)).limit((int) limit).after(arguments.option("--cursor"));
        String source = arguments.option("--source");
        String type = arguments.option("--type");
        String ref = arguments.option("--ref");
        String text = arguments.option("--text");
        String since = arguments.option("--since");
        String until = arguments.option("--until");
        if (ref != null && arguments.flag("--without-ref")) {
            throw Failure.usage("give --ref or --without-ref, not both");
        }
        query = source == null ? query : query.source(source);
        query = type == null ? query : query.type(type);
        query = ref == null ? query : query.ref(ref);
        query = arguments.flag("--without-ref") ? query.withoutRef() : query;
        try {
            query = query.text(text);
        } catch (IllegalArgumentException e) {
            throw Failure.usage("--text: " + e.getMessage());
        }
        Instant now = Instant.now();
        query = since == null ? query : query.since(Times.parse("--since", since, now, false));
        return until == null ? query : query.until(Times.parse("--until", until, now, true));
    }

    private static LogQuery.Order order(Arguments arguments) {
        boolean reverse = arguments.flag("--reverse");
        if (!arguments.flag("--rank")) {
            return reverse ? LogQuery.Order.NEWEST : LogQuery.Order.OLDEST;
        }
        if (reverse || arguments.option("--text") == null || arguments.option("--cursor") != null) {
            throw Failure.usage("--rank needs --text, and goes without --reverse and --cursor");
        }
        return LogQuery.Order.RANK;
    }
}
