package dev.daybook.testkit;

import dev.daybook.Daybook;
import dev.daybook.run.NewRun;
import dev.daybook.run.Run;
import dev.daybook.run.Runs;
import dev.daybook.run.Worker;
import dev.daybook.run.WorkerOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Another process that owns runs: one that is stopped for a while and goes on, or one that is killed. */
final class OwnerProcess {
    static final List<String> STEPS = List.of("fetch", "draft", "check", "send");
    static final int CLAIMED = 6;
    static final int WORKED = 4;
    static final Duration LEASE = Duration.ofSeconds(1);

    private OwnerProcess() {}

    /** @param args directory, and {@code stop}, or {@code kill} and the number of the process */
    public static void main(String[] args) throws Exception {
        Path directory = Path.of(args[0]);
        if (args[1].equals("stop")) {
            ownUntilTold(directory);
        } else {
            work(directory, Integer.parseInt(args[2]));
        }
    }

    /** Claims some runs, each written to by a thread of its own, and works on others, until a line is read; then all complete. */
    private static void ownUntilTold(Path directory) throws Exception {
        Thread told = new Thread(() -> {
            try {
                System.in.read();
            } catch (IOException e) {
                // as good as a line
            }
        });
        told.start();
        try (Daybook book = Daybook.open(directory.resolve("data"))) {
            Runs runs = book.runs();
            List<Thread> owners = new ArrayList<>();
            for (int i = 0; i < CLAIMED; i++) {
                runs.submit(NewRun.of("claimed").id("c" + i));
                Run run = runs.claim("claimed", "owner-" + i, LEASE).orElseThrow();
                owners.add(new Thread(() -> writeUntil(told, run)));
            }
            owners.forEach(Thread::start);
            WorkerOptions options =
                    WorkerOptions.defaults().withConcurrency(WORKED).withLease(LEASE);
            Worker worker = runs.worker("worked", options, run -> {
                writeUntil(told, run);
                return null;
            });
            for (int i = 0; i < WORKED; i++) {
                runs.submit(NewRun.of("worked").id("w" + i));
            }
            while (worker.running() < WORKED) {
                Thread.sleep(1);
            }
            System.out.println("ready");
            System.out.flush();
            for (Thread owner : owners) {
                owner.join();
            }
            System.out.println("interrupted " + worker.drain(Duration.ofSeconds(60)));
        }
    }

    /** Writes a number after the other, and completes the run. */
    private static void writeUntil(Thread told, Run run) {
        for (int i = 0; told.isAlive(); i++) {
            run.message("user", Integer.toString(i));
            try {
                Thread.sleep(5);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        if (!run.id().startsWith("w")) { // a worker's run is completed when its body returns
            run.complete();
        }
    }

    private static void work(Path directory, int number) throws Exception {
        Daybook book = Daybook.open(directory.resolve("data"));
        Worker worker = worker(book, directory, () -> {
            synchronized (System.out) {
                System.out.println("step");
                System.out.flush();
            }
        });
        for (int i = 0; i < 6; i++) {
            book.runs().submit(NewRun.of("job").id(number + "-" + i).input("{\"n\":" + i + "}"));
        }
        while (worker.running() >= 0) {
            Thread.sleep(1_000); // until it is killed
        }
    }

    /**
     * A worker whose steps do something that can be seen, under a new name each time; the recorded result is that name.
     *
     * @param told of each step that is done and not recorded yet
     */
    static Worker worker(Daybook book, Path directory, Runnable told) {
        WorkerOptions options = WorkerOptions.defaults().withConcurrency(3).withAttempts(1_000);
        return book.runs().worker("job", options, run -> {
            run.message("user", "attempt " + run.attempt());
            for (String step : STEPS) {
                run.step(step, () -> {
                    String name = UUID.randomUUID().toString();
                    Path effects = directory.resolve(run.id() + "." + step);
                    Files.write(
                            effects,
                            (name + "\n").getBytes(StandardCharsets.UTF_8),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.APPEND);
                    told.run();
                    return name;
                });
            }
            return run.input().orElseThrow();
        });
    }
}
