package dev.daybook.cli;

import dev.daybook.Daybook;
import dev.daybook.stream.Stream;
import dev.daybook.stream.StreamInfo;
import java.util.Optional;

/**
 * The process that the demo kills. It records a run from where the stream ends, and prints a sequence number only after the store has
 * acknowledged it.
 */
final class DemoAgent implements Command {
    static final String NAME = "demo-agent";
    private static final long DEFAULT_PAUSE_MILLIS = 125;

    @Override
    public Syntax syntax() {
        return Syntax.of("The agent of the demo.")
                .required("RUN", "The stream it records to.")
                .option("--pause-millis", "N", "Time between two events.")
                .hide();
    }

    @Override
    public int run(Call call) throws InterruptedException {
        long pauseMillis = call.arguments().number("--pause-millis", 0, DEFAULT_PAUSE_MILLIS);
        try (Daybook book = call.openForWriting()) {
            Stream run = book.stream(call.arguments().required(0));
            Optional<StreamInfo> info = run.info();
            long done = info.isPresent() ? info.get().lastSeq() : 0;
            for (long seq = done + 1; seq <= DemoRun.EVENTS; seq++) {
                Thread.sleep(pauseMillis);
                call.out().line(Long.toString(run.append(DemoRun.event(seq)).seq()));
                call.out().flush();
            }
            run.close();
        }
        return Exit.OK;
    }
}
