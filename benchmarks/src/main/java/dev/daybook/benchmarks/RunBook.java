package dev.daybook.benchmarks;

import dev.daybook.Daybook;
import dev.daybook.run.Codec;
import dev.daybook.run.NewRun;
import dev.daybook.run.Run;
import dev.daybook.run.StepOptions;
import dev.daybook.stream.NewEvent;
import dev.daybook.stream.Stream;
import java.nio.file.Path;

/** Runs as the benchmarks use them, and plain events of the same size beside them. */
final class RunBook implements AutoCloseable {
    /** Events of one run: its start, its messages, its end. */
    static final int EVENTS = 7;

    private static final StepOptions LAZY = StepOptions.defaults();
    private static final StepOptions DURABLE = LAZY.withDurableStart(true);

    private final Daybook daybook;
    private final Run run;
    private final Stream stream;

    RunBook(Path dir) {
        daybook = Daybook.open(dir);
        run = daybook.runs().start(NewRun.of("steps").id("steps"));
        stream = daybook.stream("plain");
    }

    void plainStep(long number) {
        stream.append(NewEvent.json(
                "step-completed",
                "{\"step\":\"s/" + number + "\",\"attempt\":1,\"durationMicros\":1,\"result\":\"x\"}"));
    }

    void step(long number, boolean durableStart) {
        run.step("s/" + number, Codec.TEXT, durableStart ? DURABLE : LAZY, step -> "x");
    }

    /** A run of {@link #EVENTS} events. */
    void run(long number) {
        Run one = daybook.runs().start(NewRun.of("w").id("r" + number).input("{\"n\":" + number + "}"));
        for (int i = 2; i < EVENTS; i++) {
            one.message("assistant", "This is message " + i + " of the run, as long as most of them are.");
        }
        one.complete("{\"ok\":true}");
    }

    /** The same as events of a stream. */
    void plainRun(long number) {
        Stream one = daybook.stream("plain/" + number);
        one.append(NewEvent.json("started", "{\"input\":{\"n\":" + number + "}}"));
        for (int i = 2; i < EVENTS; i++) {
            one.append(NewEvent.json(
                    "message",
                    "{\"role\":\"assistant\",\"content\":\"This is message " + i
                            + " of the run, as long as most of them are.\"}"));
        }
        one.append(NewEvent.json("completed", "{\"output\":{\"ok\":true}}"));
    }

    /** That what was acknowledged is there. */
    void requireEvents(long steps, long runs) {
        long there = run.timeline().steps().size();
        if (there < steps || daybook.runs().ids("r", Integer.MAX_VALUE).size() < runs) {
            throw new IllegalStateException("of " + steps + " steps " + there + " are there, or runs are missing");
        }
    }

    @Override
    public void close() {
        daybook.close();
    }
}
