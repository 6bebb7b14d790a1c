package dev.daybook.examples;

import dev.daybook.Daybook;
import dev.daybook.run.Admission;
import dev.daybook.run.NewRun;
import dev.daybook.run.Runs;
import dev.daybook.run.Worker;
import dev.daybook.run.WorkerOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Two at a time, three may wait; when a fourth comes, the one that waited longest is dropped. Runs that a crash cut off are gone on with. */
public final class WorkerPool {
    private WorkerPool() {}

    public static void main(String[] arguments) throws Exception {
        run(Path.of(arguments[0]));
    }

    static void run(Path directory) throws Exception {
        try (Daybook book = Daybook.open(directory)) {
            Runs runs = book.runs();
            runs.admission("resize", Admission.queue(2, 3));
            WorkerOptions two = WorkerOptions.defaults().withConcurrency(2);
            try (Worker pool = runs.worker("resize", two, run -> {
                String image = run.input().orElseThrow();
                run.step("resize", () -> Thread.sleep(200));
                return "{\"resized\":" + image + "}";
            })) {
                List<String> submitted = new ArrayList<>();
                for (int i = 1; i <= 10; i++) {
                    NewRun image = NewRun.of("resize").input("\"image-" + i + ".png\"");
                    submitted.add(runs.submit(image).id());
                }
                for (String id : submitted) {
                    runs.run(id).awaitEnd(Duration.ofSeconds(30));
                    System.out.println(id + " " + runs.require(id).status().text());
                }
            }
        }
    }
}
