package dev.daybook.cli;

import dev.daybook.Daybook;
import dev.daybook.document.DocumentChange;
import java.util.List;

/** {@code doc history}, and how changes look. */
final class DocHistory implements Command {
    private static final int DEFAULT_LIMIT = 20;

    @Override
    public Syntax syntax() {
        return Syntax.of("Print what a document was, newest first.")
                .required("KEY", "The document; it may be deleted.")
                .option("--limit", "N", "At most N versions; default: " + DEFAULT_LIMIT + ".")
                .option("--before", "N", "Only versions before this one: where the last page ended.")
                .example("daybook doc history plans/q3")
                .example("daybook doc history plans/q3 --limit 100 --json | jq .data");
    }

    @Override
    public int run(Call call) {
        Arguments arguments = call.arguments();
        String key = arguments.required(0);
        int limit = (int) Math.min(arguments.number("--limit", 1, DEFAULT_LIMIT), Integer.MAX_VALUE);
        long before = arguments.number("--before", 1, Long.MAX_VALUE);
        try (Daybook book = call.openForReading()) {
            List<DocumentChange> changes = book.documents().history(key, before, limit);
            if (changes.isEmpty() && before == Long.MAX_VALUE) {
                throw DocGet.missing(key);
            }
            for (DocumentChange change : changes) {
                print(call, change, change.version() + "");
            }
        }
        return Exit.OK;
    }

    /** Prints a change; for people with this before its time. */
    static void print(Call call, DocumentChange change, String label) {
        if (call.json()) {
            Json json = Json.object()
                    .field("key", change.key())
                    .field("version", change.version())
                    .field("pos", change.pos());
            if (change instanceof DocumentChange.Put put) {
                json.field("time", Times.format(put.time()))
                        .raw("data", put.document().data());
            } else if (change instanceof DocumentChange.Delete delete) {
                json.field("time", Times.format(delete.time())).field("deleted", true);
            } else {
                json.field("missed", true);
            }
            call.out().line(json.toString());
        } else if (change instanceof DocumentChange.Put put) {
            call.out()
                    .line(label + "  " + Times.format(put.time()) + "  "
                            + put.document().data());
        } else if (change instanceof DocumentChange.Delete delete) {
            call.out().line(label + "  " + Times.format(delete.time()) + "  deleted");
        } else {
            call.messages().say("daybook: what " + change.key() + " was before cannot be read any more");
        }
    }
}
