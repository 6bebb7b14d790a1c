package dev.daybook.cli;

import dev.daybook.Daybook;
import dev.daybook.run.RunFilter;
import dev.daybook.run.RunInfo;
import dev.daybook.run.RunPage;
import dev.daybook.run.RunStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code run list}. */
final class RunList implements Command {
    private static final int NAME_CHARS = 40;
    private static final int NOTE_CHARS = 60;

    @Override
    public Syntax syntax() {
        return RunFilters.page(RunFilters.conditions(
                        Syntax.of("List runs, the newest first, and how many have which status."), "runs created"))
                .detail("The first line counts all runs, or all of the workflow, whatever else is asked for.")
                .example("daybook run list")
                .example("daybook run list --status failed --since 7d --tag team=research")
                .example("daybook run list --text 'connection reset' --status failed")
                .example("daybook run list --resumable --json | jq -r .run");
    }

    @Override
    public int run(Call call) {
        Arguments arguments = call.arguments();
        RunFilter asked = RunFilters.of(arguments);
        try (Daybook book = call.openForAsking()) {
            RunFilter filter = RunFilters.below(asked, book, arguments.option("--parent"));
            RunPage<RunInfo> page = ViewWait.ask(call, fresh -> book.runs().list(filter.freshness(fresh)));
            if (call.json()) {
                page.items().forEach(info -> call.out().line(RunWords.json(info).toString()));
            } else {
                Optional<String> workflow = Optional.ofNullable(filter.workflow());
                tabs(call.out(), ViewWait.ask(call, fresh -> book.runs().counts(workflow, fresh)));
                table(page.items()).print(call.out());
            }
            page.next().ifPresent(cursor -> RunFilters.more(call, cursor));
        } catch (IllegalArgumentException e) {
            throw Failure.usage(String.valueOf(e.getMessage())); // a cursor that is none
        }
        return Exit.OK;
    }

    private static void tabs(Output out, Map<RunStatus, Long> counts) {
        if (!counts.isEmpty()) {
            List<String> tabs = new ArrayList<>();
            tabs.add("all " + counts.values().stream().mapToLong(n -> n).sum());
            counts.forEach((status, count) -> tabs.add(status.text() + " " + count));
            out.line(String.join("  ", tabs));
            out.line("");
        }
    }

    private static Table table(List<RunInfo> runs) {
        Table table = new Table("RUN", "WORKFLOW", "STATUS", ">ATTEMPT", "CREATED", ">TOOK", "TAGS", "NOTE");
        for (RunInfo info : runs) {
            table.row(
                    RunWords.line(info.id(), Integer.MAX_VALUE), // as it must be typed
                    RunWords.line(info.workflow(), NAME_CHARS),
                    info.statusText(),
                    Integer.toString(info.attempt()),
                    Times.format(info.created()),
                    info.duration().map(RunWords::text).orElse(""),
                    RunWords.line(RunWords.tags(info.tags()), NAME_CHARS),
                    RunWords.line(note(info), NOTE_CHARS));
        }
        return table;
    }

    private static String note(RunInfo info) {
        String note = RunWords.note(info.exitCode(), info.error());
        return note.isEmpty() ? info.owner().map(owner -> "by " + owner).orElse("") : note;
    }
}
