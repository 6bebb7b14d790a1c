package dev.daybook.cli;

import dev.daybook.Daybook;
import dev.daybook.document.Document;
import dev.daybook.document.Documents;
import java.time.Instant;
import java.util.Optional;

/** {@code doc get}, and how documents look. */
final class DocGet implements Command {

    @Override
    public Syntax syntax() {
        return Syntax.of("Print a document's value, as it is or as it was.")
                .required("KEY", "The document.")
                .option("--version", "N", "The value that this version was.")
                .option("--position", "POS", "The value when the journal was at this position.")
                .option(
                        "--at",
                        "TIME",
                        "The value at this time: ISO-8601, a date (UTC), or a duration back such as 15m.")
                .example("daybook doc get plans/q3")
                .example("daybook doc get plans/q3 --version 2 --json")
                .example("daybook doc get plans/q3 --at 7d");
    }

    @Override
    public int run(Call call) {
        Arguments arguments = call.arguments();
        String key = arguments.required(0);
        long version = arguments.number("--version", 1, 0);
        long position = arguments.number("--position", 0, -1);
        String at = arguments.option("--at");
        if ((version > 0 ? 1 : 0) + (position >= 0 ? 1 : 0) + (at != null ? 1 : 0) > 1) {
            throw Failure.usage("give one of --version, --position and --at");
        }
        Instant time = at == null ? null : Times.parse("--at", at, Instant.now(), true);
        try (Daybook book = call.openForReading()) {
            Documents documents = book.documents();
            Optional<Document> found = version > 0
                    ? documents.at(key, version)
                    : position >= 0
                            ? documents.atPosition(key, position)
                            : time != null ? documents.atTime(key, time) : documents.get(key);
            Document document = found.orElseThrow(() -> missing(key));
            call.print(json(document), document.data());
        }
        return Exit.OK;
    }

    static Failure missing(String key) {
        return new Failure(Exit.NOT_FOUND, "not-found", "there is no such document: " + key);
    }

    private static Json json(Document document) {
        return Json.object()
                .field("key", document.key())
                .field("version", document.version())
                .raw("data", document.data());
    }
}
