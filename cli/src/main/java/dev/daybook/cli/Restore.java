package dev.daybook.cli;

import dev.daybook.Daybook;
import dev.daybook.ExportReport;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** {@code restore}. */
final class Restore implements Command {
    private static final int READ_BYTES = 1 << 16;

    @Override
    public Syntax syntax() {
        return Syntax.of("Make a store from what export wrote, the same to the byte.")
                .detail("Into a directory without a store. To add events to a store that is there, see import.")
                .required("FILE", "What export wrote, or - for standard input.")
                .example("daybook restore backup.jsonl --store restored")
                .example("zstd -dc backup.jsonl.zst | daybook restore - --store restored");
    }

    @Override
    public int run(Call call) throws IOException {
        String name = call.arguments().required(0);
        Path to = Call.freeForStore(call.store());
        ExportReport report;
        if (name.equals("-")) {
            report = restore(call, call.in(), to);
        } else {
            try (InputStream in = Files.newInputStream(Path.of(name))) {
                report = restore(call, in, to);
            }
        }
        call.print(Export.json(report), Export.text(report) + " in " + to);
        return Exit.OK;
    }

    private static ExportReport restore(Call call, InputStream in, Path to) throws IOException {
        return Daybook.restore(
                new BufferedInputStream(in, READ_BYTES), to, call.messages().progress("restoring"));
    }
}
