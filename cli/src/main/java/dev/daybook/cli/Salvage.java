package dev.daybook.cli;

import dev.daybook.Daybook;
import dev.daybook.SalvageReport;
import java.nio.file.Path;

/** {@code salvage}. */
final class Salvage implements Command {

    @Override
    public Syntax syntax() {
        return Syntax.of("Copy every good event of a damaged store to a new one, and list what is lost.")
                .detail("The damaged store is never changed. Exit status 1 if something is lost.")
                .option("--to", "DIR", "The new store; must not exist yet.")
                .example("daybook salvage --store damaged --to rescued");
    }

    @Override
    public int run(Call call) {
        String to = call.arguments().option("--to");
        if (to == null) {
            throw Failure.usage("give the new store with --to DIR");
        }
        SalvageReport report = Daybook.salvage(
                call.existingStore(),
                Call.freeForStore(Path.of(to)),
                call.messages().progress("salvaging"));
        for (SalvageReport.Loss loss : report.losses()) {
            call.print(
                    Json.object()
                            .field("file", loss.file())
                            .field("byteOffset", loss.byteOffset())
                            .field("bytes", loss.bytes())
                            .field("firstPosition", loss.firstPosition())
                            .field("lastPosition", loss.lastPosition())
                            .field("reason", loss.reason()),
                    "lost: " + Counts.of(loss.bytes(), "byte") + " of " + loss.file() + " from byte "
                            + loss.byteOffset() + Verify.positions(loss.firstPosition(), loss.lastPosition()) + ": "
                            + loss.reason());
        }
        call.print(
                Json.object()
                        .field("events", report.events())
                        .field("streams", report.streams())
                        .field("losses", report.losses().size()),
                Counts.of(report.events(), "event") + " of " + Counts.of(report.streams(), "stream") + " copied to "
                        + to
                        + "; "
                        + (report.losses().isEmpty()
                                ? "nothing lost"
                                : Counts.of(report.losses().size(), "gap") + " lost"));
        return report.losses().isEmpty() ? Exit.OK : Exit.CONDITION_NOT_MET;
    }
}
