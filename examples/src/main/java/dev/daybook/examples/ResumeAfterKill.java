package dev.daybook.examples;

import dev.daybook.Daybook;
import dev.daybook.run.NewRun;
import dev.daybook.run.Run;
import dev.daybook.run.RunStatus;
import java.nio.file.Path;

/** Kill it at any moment and start it again: what is recorded is not done again. */
public final class ResumeAfterKill {
    private ResumeAfterKill() {}

    public static void main(String[] arguments) throws Exception {
        run(Path.of(arguments[0]));
    }

    static void run(Path directory) throws Exception {
        try (Daybook book = Daybook.open(directory)) { // a run whose process is gone is crashed by now
            Run run = book.runs().startOrResume(NewRun.of("report").id("report-2026-11"));
            if (run.info().status() == RunStatus.COMPLETED) {
                System.out.println("done before: " + run.output().orElse("null"));
                return;
            }
            System.out.println("attempt " + run.attempt());
            int words = 0;
            for (String city : new String[] {"Lisbon", "Porto", "Valencia", "Palermo"}) {
                words += run.step("write/" + city, () -> slowly("A page about " + city))
                        .length();
            }
            run.complete("{\"characters\":" + words + "}");
        }
    }

    private static String slowly(String text) throws InterruptedException {
        Thread.sleep(1_000);
        System.out.println(text);
        return text;
    }
}
