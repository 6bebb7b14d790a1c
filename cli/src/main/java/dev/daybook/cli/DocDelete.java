package dev.daybook.cli;

import dev.daybook.Daybook;

/** {@code doc delete}. */
final class DocDelete implements Command {

    @Override
    public Syntax syntax() {
        return Syntax.of("Delete a document. Its history stays, and versions go on.")
                .required("KEY", "The document.")
                .option("--if-version", "N", "Only if this is its newest version.")
                .example("daybook doc delete plans/q3");
    }

    @Override
    public int run(Call call) {
        String key = call.arguments().required(0);
        try (Daybook book = call.openExistingForWriting()) {
            if (!book.documents().delete(key, DocPut.condition(call.arguments()))) {
                throw DocGet.missing(key);
            }
            call.print(Json.object().field("key", key).field("deleted", true), key + " deleted");
        }
        return Exit.OK;
    }
}
