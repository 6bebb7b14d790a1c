package dev.daybook.cli;

import dev.daybook.Daybook;
import dev.daybook.ExportReport;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** {@code export}. */
final class Export implements Command {

    @Override
    public Syntax syntax() {
        return Syntax.of("Write the whole store as JSON Lines, every line as it stands in the journal.")
                .detail("A file appears under its name only when it is complete and on stable storage.")
                .optional("FILE", "Where to; default: standard output. Must not exist.")
                .example("daybook export backup.jsonl")
                .example("daybook export | zstd > backup.jsonl.zst");
    }

    @Override
    public int run(Call call) throws IOException {
        String name = call.arguments().parameter(0);
        try (Daybook book = call.openForReading()) {
            if (name == null || name.equals("-")) {
                ExportReport report =
                        book.export(call.out().stream(), call.messages().progress("exporting"));
                call.out().flush();
                call.messages().say("daybook: " + text(report));
                return Exit.OK;
            }
            Path file = Path.of(name);
            if (Files.exists(file)) {
                throw new FileAlreadyExistsException(name);
            }
            Path parent = file.toAbsolutePath().getParent();
            if (parent == null) {
                throw Failure.usage(name + " is not a file");
            }
            Path unfinished = Files.createTempFile(parent, file.getFileName() + ".", ".tmp");
            try {
                ExportReport report = write(call, book, unfinished);
                Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
                syncDirectory(parent);
                call.print(json(report), text(report) + " to " + name);
            } finally {
                Files.deleteIfExists(unfinished);
            }
        }
        return Exit.OK;
    }

    private static ExportReport write(Call call, Daybook book, Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
                OutputStream out = Channels.newOutputStream(channel)) {
            ExportReport report = book.export(out, call.messages().progress("exporting"));
            out.flush();
            channel.force(true);
            return report;
        }
    }

    private static void syncDirectory(Path directory) {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            // Not every system can; the file itself is safe, its name may need until the next sync.
        }
    }

    static Json json(ExportReport report) {
        return Json.object()
                .field("lines", report.lines())
                .field("events", report.events())
                .field("bytes", report.bytes())
                .field("lastPosition", report.lastPosition());
    }

    static String text(ExportReport report) {
        return Counts.of(report.lines(), "line") + ", " + Counts.of(report.events(), "event") + ", "
                + Table.bytes(report.bytes()) + ", up to position " + report.lastPosition();
    }
}
