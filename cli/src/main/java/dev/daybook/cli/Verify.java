package dev.daybook.cli;

import dev.daybook.Daybook;
import dev.daybook.VerifyReport;

/** {@code verify}. */
final class Verify implements Command {

    @Override
    public Syntax syntax() {
        return Syntax.of("Check every line, seal and view of the store; print what is wrong and where.")
                .detail(
                        "Views are compared with what a rebuild would make of them, but for a program's own, which only that program can rebuild. Changes nothing, and works beside a writer. Exit status 6 if something is damaged; what the next"
                                + " opening makes good by itself is reported only.")
                .example("daybook verify")
                .example("daybook verify --store /var/lib/agents --json");
    }

    @Override
    public int run(Call call) {
        VerifyReport report =
                Daybook.verify(call.existingStore(), call.messages().progress("verifying"));
        for (VerifyReport.ViewCheck view : report.views()) {
            call.print(json(view), text(view));
        }
        boolean damaged = false;
        for (VerifyReport.Problem problem : report.problems()) {
            damaged |= !problem.heals();
            call.print(json(problem), text(problem));
        }
        call.print(
                Json.object()
                        .field("segments", report.segments())
                        .field("lines", report.lines())
                        .field("events", report.events())
                        .field("streams", report.streams())
                        .field("bytes", report.bytes())
                        .field("problems", report.problems().size())
                        .field("damaged", damaged),
                Counts.of(report.lines(), "line") + " in " + Counts.of(report.segments(), "segment") + " ("
                        + Table.bytes(report.bytes()) + "), " + Counts.of(report.events(), "event") + " of "
                        + Counts.of(report.streams(), "stream") + ": "
                        + (report.clean()
                                ? "all well"
                                : Counts.of(report.problems().size(), "problem")));
        return damaged ? Exit.CORRUPT : Exit.OK;
    }

    private static Json json(VerifyReport.ViewCheck view) {
        return Json.object()
                .field("view", view.name())
                .field("compared", view.compared())
                .field("position", view.position())
                .field("rows", view.rows())
                .field("differing", view.differing());
    }

    private static String text(VerifyReport.ViewCheck view) {
        return "view " + view.name()
                + (view.compared()
                        ? " at position " + view.position() + ": " + Counts.of(view.rows(), "row") + ", diff_rows="
                                + view.differing()
                        : " was not compared");
    }

    private static Json json(VerifyReport.Problem problem) {
        return Json.object()
                .field("file", problem.file())
                .field("byteOffset", problem.byteOffset())
                .field("firstPosition", problem.firstPosition())
                .field("lastPosition", problem.lastPosition())
                .field("what", problem.what())
                .field("advice", problem.advice())
                .field("heals", problem.heals());
    }

    private static String text(VerifyReport.Problem problem) {
        return problem.file()
                + (problem.byteOffset() < 0 ? "" : " at byte " + problem.byteOffset())
                + positions(problem.firstPosition(), problem.lastPosition()) + ": " + problem.what()
                + (problem.heals() ? " (heals by itself)" : "")
                + (problem.advice().isEmpty() ? "" : "\n    " + problem.advice());
    }

    static String positions(long first, long last) {
        if (first == 0) {
            return "";
        }
        return first == last || last == 0 ? " (position " + first + ")" : " (positions " + first + " to " + last + ")";
    }
}
