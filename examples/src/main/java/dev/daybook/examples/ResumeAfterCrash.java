package dev.daybook.examples;

import dev.daybook.AppendTimeoutException;
import dev.daybook.Daybook;
import dev.daybook.stream.AppendOptions;
import dev.daybook.stream.Appended;
import dev.daybook.stream.NewEvent;
import dev.daybook.stream.ReadOptions;
import dev.daybook.stream.Stream;
import java.nio.file.Path;

/**
 * A worker that can be killed at any moment: it looks where it was and goes on. Each step is sent with a producer tuple, so that one sent twice
 * is stored once.
 */
public final class ResumeAfterCrash {
    private static final int STEPS = 5;

    private ResumeAfterCrash() {}

    public static void main(String[] arguments) {
        run(Path.of(arguments[0]));
    }

    /** Does what is left to do; returns how many steps that were. */
    static int run(Path directory) {
        try (Daybook book = Daybook.open(directory)) {
            Stream run = book.stream("runs/nightly");
            long done = run.read(ReadOptions.newest(1)).stream()
                    .mapToLong(last -> last.seq())
                    .findFirst()
                    .orElse(0);
            int steps = 0;
            for (long step = done; step < STEPS; step++) {
                record(run, step, "{\"step\":" + step + "}");
                steps++;
            }
            return steps;
        }
    }

    private static void record(Stream run, long step, String result) {
        NewEvent event = NewEvent.json("step", result);
        AppendOptions once = AppendOptions.from("worker", 0, step);
        Appended appended;
        try {
            appended = run.append(event, once);
        } catch (AppendTimeoutException e) {
            appended = run.append(event, once); // whether the first one was stored or not: this answers
        }
        System.out.println("step " + step + " is stored as " + appended.seq());
    }
}
