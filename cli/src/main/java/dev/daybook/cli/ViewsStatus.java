package dev.daybook.cli;

import dev.daybook.Daybook;
import dev.daybook.view.ViewStatus;
import java.util.List;
import java.util.Locale;

/** {@code views status}. */
final class ViewsStatus implements Command {

    @Override
    public Syntax syntax() {
        return Syntax.of("Show how far the views are, and why one does not go on.")
                .detail("Looks at their files; a program that follows them may be a little further.")
                .example("daybook views status")
                .example("daybook views status --json");
    }

    @Override
    public int run(Call call) {
        List<ViewStatus> all;
        try (Daybook book = call.openForReading()) {
            all = book.views().status();
        }
        Table table = new Table("VIEW", ">VERSION", ">POSITION", ">BEHIND", "STATE");
        for (ViewStatus view : all) {
            if (call.json()) {
                call.out().line(json(view).toString());
            } else {
                table.row(
                        view.name(),
                        Integer.toString(view.version()),
                        Long.toString(view.position()),
                        Long.toString(Math.max(0, view.journalPosition() - view.position())),
                        state(view)
                                + view.stoppedBecause().map(why -> " at " + why).orElse(""));
            }
        }
        table.print(call.out());
        return Exit.OK;
    }

    private static String state(ViewStatus view) {
        return view.state().name().toLowerCase(Locale.ROOT);
    }

    private static Json json(ViewStatus view) {
        return Json.object()
                .field("view", view.name())
                .field("version", view.version())
                .field("state", state(view))
                .field("position", view.position())
                .field("journalPosition", view.journalPosition())
                .field("stopped", view.stoppedBecause().orElse(null));
    }
}
