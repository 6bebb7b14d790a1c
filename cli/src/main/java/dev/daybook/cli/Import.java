package dev.daybook.cli;

import dev.daybook.Daybook;
import dev.daybook.ImportReport;
import dev.daybook.Progress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** {@code import}. */
final class Import implements Command {

    @Override
    public Syntax syntax() {
        return Syntax.of("Append the lines of a file as new events.")
                .detail(
                        "With --stream, every line is one JSON value and becomes an event of that stream. With --export,"
                                + " the file is what export wrote: events go to streams of their own names. Importing the"
                                + " same file again adds nothing.")
                .required("PATH", "The file.")
                .option("--stream", "NAME", "The stream for all lines.")
                .option("--type", "T", "Their type; default: " + StreamAppend.DEFAULT_TYPE + ".")
                .flag("--export", "The file was made by export.")
                .option("--prefix", "P", "With --export: put this before every stream's name.")
                .example("daybook import chat.jsonl --stream chats/42 --type message")
                .example("daybook import other-store.jsonl --export");
    }

    @Override
    public int run(Call call) throws Exception {
        Arguments arguments = call.arguments();
        String stream = arguments.option("--stream");
        boolean export = arguments.flag("--export");
        if ((stream != null) == export) {
            throw Failure.usage("give either --stream NAME or --export");
        }
        if (export && arguments.flag("--type")) {
            throw Failure.usage("--type goes with --stream; in an export every event has its own");
        }
        if (!export && arguments.flag("--prefix")) {
            throw Failure.usage("--prefix goes with --export");
        }
        Path file = Path.of(arguments.required(0));
        if (!Files.exists(file)) {
            throw new NoSuchFileException(file.toString()); // before a store is made
        }
        Progress progress = call.messages().progress("importing");
        try (Daybook book = call.openForWriting()) {
            ImportReport report = stream == null
                    ? book.importExport(file, arguments.option("--prefix", ""), progress)
                    : book.importLines(file, stream, arguments.option("--type", StreamAppend.DEFAULT_TYPE), progress);
            call.print(
                    Json.object()
                            .field("lines", report.lines())
                            .field("appended", report.appended())
                            .field("duplicates", report.duplicates()),
                    Counts.of(report.lines(), "line") + " read, " + Counts.of(report.appended(), "event")
                            + " appended, " + report.duplicates() + " were there already");
        }
        return Exit.OK;
    }
}
