package dev.daybook.cli;

import dev.daybook.Daybook;
import dev.daybook.run.Admission;
import dev.daybook.run.NewRun;
import dev.daybook.run.RunInfo;
import dev.daybook.run.RunStatus;
import java.util.Map;

/** {@code run start}. */
final class RunStart implements Command {

    @Override
    public Syntax syntax() {
        return Syntax.of("Start a run that is recorded from outside, and print its id.")
                .detail("Nobody owns it: it stays started until it is completed, failed or cancelled here, whatever"
                        + " process ends. With --limit it is dropped or queued when as many runs of the workflow are"
                        + " started; the exit status is then 1.")
                .required("WORKFLOW", "What it is a run of.")
                .option("--id", "ID", "Its id; default: a new ULID.")
                .option("--input", "JSON", "What it is to work on.")
                .options("--tag", "K=V", "A tag; may be given several times.")
                .option("--parent", "RUN", "The run that starts it.")
                .option("--limit", "N", "At most N started runs of this workflow.")
                .option("--overflow", "POLICY", "Beyond the limit: drop (the default) or queue.")
                .example("daybook run start summarise --input '{\"url\":\"https://example.org\"}' --tag team=research")
                .example("daybook run start nightly --id nightly-17 --limit 1 --overflow drop");
    }

    @Override
    public int run(Call call) {
        Arguments arguments = call.arguments();
        String workflow = arguments.required(0);
        NewRun run = NewRun.of(workflow);
        String id = arguments.option("--id");
        run = id == null ? run : run.id(id);
        String input = RunWords.json(arguments, "--input");
        run = input == null ? run : run.input(input);
        String parent = arguments.option("--parent");
        run = parent == null ? run : run.parent(parent);
        for (Map.Entry<String, String> tag :
                RunWords.pairs("--tag", arguments.option("--tag")).entrySet()) {
            run = run.tag(tag.getKey(), tag.getValue());
        }
        Admission admission = admission(arguments);
        try (Daybook book = call.openForWriting()) {
            book.runs().admission(workflow, admission);
            RunInfo info = book.runs().record(run).info();
            call.print(RunWords.json(info), info.id());
            if (info.status() == RunStatus.STARTED) {
                return Exit.OK;
            }
            call.messages().say("daybook: there is no slot: the run is " + info.statusText());
            return Exit.CONDITION_NOT_MET;
        }
    }

    private static Admission admission(Arguments arguments) {
        long limit = arguments.number("--limit", 1, 0);
        String overflow = arguments.option("--overflow");
        if (limit == 0) {
            if (overflow != null) {
                throw Failure.usage("--overflow says what happens beyond --limit");
            }
            return Admission.UNLIMITED;
        }
        int most = (int) Math.min(limit, Integer.MAX_VALUE);
        if (overflow == null || overflow.equals("drop")) {
            return Admission.drop(most);
        }
        if (overflow.equals("queue")) {
            return Admission.queue(most, Integer.MAX_VALUE);
        }
        throw Failure.usage("--overflow must be drop or queue, not \"" + overflow + "\"");
    }
}
