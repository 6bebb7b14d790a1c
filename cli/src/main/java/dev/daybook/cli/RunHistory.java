package dev.daybook.cli;

import dev.daybook.Daybook;
import dev.daybook.run.AttemptRecord;
import dev.daybook.run.RunFilter;
import dev.daybook.run.RunPage;
import java.util.Optional;

/** {@code run history}. */
final class RunHistory implements Command {
    private static final int NAME_CHARS = 40;
    private static final int NOTE_CHARS = 60;

    @Override
    public Syntax syntax() {
        return RunFilters.page(RunFilters.conditions(
                        Syntax.of("List the attempts that ended, the newest end first."), "attempts that ended"))
                .detail("A run that failed and was gone on with has as many attempts as it was begun.")
                .example("daybook run history --status failed --since 7d")
                .example("daybook run history --workflow import --longer-than 30s --json | jq -r .run");
    }

    @Override
    public int run(Call call) {
        Arguments arguments = call.arguments();
        RunFilter asked = RunFilters.of(arguments);
        try (Daybook book = call.openForAsking()) {
            RunFilter filter = RunFilters.below(asked, book, arguments.option("--parent"));
            RunPage<AttemptRecord> page =
                    ViewWait.ask(call, fresh -> book.runs().history(filter.freshness(fresh)));
            Table table = new Table("RUN", "WORKFLOW", ">ATTEMPT", "STATUS", "ENDED", ">TOOK", "NOTE");
            for (AttemptRecord attempt : page.items()) {
                if (call.json()) {
                    call.out().line(json(attempt).toString());
                } else {
                    table.row(
                            RunWords.line(attempt.run(), Integer.MAX_VALUE), // as it must be typed
                            RunWords.line(attempt.workflow(), NAME_CHARS),
                            Integer.toString(attempt.attempt()),
                            attempt.status().text(),
                            Times.format(attempt.ended()),
                            attempt.duration().map(RunWords::text).orElse(""),
                            RunWords.line(RunWords.note(attempt.exitCode(), attempt.error()), NOTE_CHARS));
                }
            }
            table.print(call.out());
            page.next().ifPresent(cursor -> RunFilters.more(call, cursor));
        } catch (IllegalArgumentException e) {
            throw Failure.usage(String.valueOf(e.getMessage())); // a cursor that is none
        }
        return Exit.OK;
    }

    private static Json json(AttemptRecord attempt) {
        Json json = Json.object()
                .field("run", attempt.run())
                .field("workflow", attempt.workflow())
                .field("attempt", attempt.attempt())
                .field("status", attempt.status().text())
                .field("started", attempt.started())
                .field("ended", Optional.of(attempt.ended()));
        return json.raw("durationMillis", RunWords.millis(attempt.duration()))
                .raw("exitCode", attempt.exitCode().map(String::valueOf).orElse("null"))
                .field("error", attempt.error().orElse(null));
    }
}
