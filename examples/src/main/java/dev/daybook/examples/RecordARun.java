package dev.daybook.examples;

import dev.daybook.Daybook;
import dev.daybook.run.Run;
import java.nio.file.Path;

/** A run is started, says what it does, and ends. The README's program. */
public final class RecordARun {
    private RecordARun() {}

    public static void main(String[] arguments) throws Exception {
        run(Path.of(arguments[0]));
    }

    static void run(Path directory) throws Exception {
        try (Daybook book = Daybook.open(directory)) {
            Run run = book.runs().start("summarise", "{\"url\":\"https://example.org\"}");
            String page = run.step("fetch", () -> "<html>...</html>"); // recorded: not run again after a crash
            run.message("assistant", "It has " + page.length() + " characters.");
            run.complete("{\"characters\":" + page.length() + "}");
            System.out.println(run.id() + " " + run.info().status().text());
        }
    }
}
