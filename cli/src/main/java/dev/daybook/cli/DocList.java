package dev.daybook.cli;

import dev.daybook.Daybook;
import dev.daybook.document.DocumentEntry;
import java.util.List;

/** {@code doc list}. */
final class DocList implements Command {
    private static final int DEFAULT_LIMIT = 20;

    @Override
    public Syntax syntax() {
        return Syntax.of("List documents that have a value, ordered by key.")
                .optional("PREFIX", "Only this key and those below it: plans/1 has plans/1/a, but not plans/10.")
                .option("--limit", "N", "At most N documents; default: " + DEFAULT_LIMIT + ".")
                .option("--after", "KEY", "Only keys after this one: where the last list ended.")
                .example("daybook doc list")
                .example("daybook doc list plans --limit 100 --json");
    }

    @Override
    public int run(Call call) {
        Arguments arguments = call.arguments();
        String given = arguments.parameter(0);
        String prefix = given == null ? "" : DocPut.withoutSlash(given);
        int limit = (int) Math.min(arguments.number("--limit", 1, DEFAULT_LIMIT), Integer.MAX_VALUE - 1);
        try (Daybook book = call.openForReading()) {
            List<DocumentEntry> found = book.documents().list(prefix, arguments.option("--after", ""), limit + 1);
            boolean more = found.size() > limit;
            print(call, more ? found.subList(0, limit) : found);
            if (more) {
                call.out().flush();
                String last = found.get(limit - 1).key();
                call.messages().say("daybook: there are more; go on with --after " + Shell.quote(last));
            }
        }
        return Exit.OK;
    }

    private static void print(Call call, List<DocumentEntry> entries) {
        Table table = new Table("KEY", ">VERSION", ">SIZE", "CHANGED");
        for (DocumentEntry entry : entries) {
            String changed = Times.format(entry.changed());
            if (call.json()) {
                call.out()
                        .line(Json.object()
                                .field("key", entry.key())
                                .field("version", entry.version())
                                .field("bytes", entry.bytes())
                                .field("changed", changed)
                                .toString());
            } else {
                table.row(entry.key(), Long.toString(entry.version()), Table.bytes(entry.bytes()), changed);
            }
        }
        table.print(call.out());
    }
}
