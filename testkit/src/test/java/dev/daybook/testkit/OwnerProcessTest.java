package dev.daybook.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.daybook.Daybook;
import dev.daybook.LeaseLostException;
import dev.daybook.Progress;
import dev.daybook.RunStateException;
import dev.daybook.run.Message;
import dev.daybook.run.NewRun;
import dev.daybook.run.Resume;
import dev.daybook.run.Run;
import dev.daybook.run.RunInfo;
import dev.daybook.run.RunRef;
import dev.daybook.run.RunStatus;
import dev.daybook.run.Runs;
import dev.daybook.run.Timeline.StepRecord;
import dev.daybook.run.Timeline.StepStatus;
import dev.daybook.run.Worker;
import dev.daybook.run.WorkerOptions;
import dev.daybook.stream.ReadOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Owners that are really stopped, paused, or killed with {@code kill -9} ({@code -Dcycles=} times). */
@Timeout(600)
class OwnerProcessTest {
    private static final int CYCLES = Integer.getInteger("cycles", 100);

    @TempDir
    Path directory;

    @Test
    void processThatWasStoppedPastItsLeasesKeepsItsRuns() throws Exception {
        Process process = start("stop");
        try (BufferedReader out = output(process)) {
            assertThat(out.readLine()).isEqualTo("ready");
            signal("STOP", process);
            Thread.sleep(3 * OwnerProcess.LEASE.toMillis());
            signal("CONT", process);
            Thread.sleep(2 * OwnerProcess.LEASE.toMillis()); // a lease that was not prolonged would be found now
            process.outputWriter().write("end\n");
            process.outputWriter().flush();
            assertThat(out.readLine()).isEqualTo("interrupted 0");
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        try (Daybook book = Daybook.open(directory.resolve("data"))) {
            List<String> ids = new ArrayList<>();
            IntStream.range(0, OwnerProcess.CLAIMED).forEach(i -> ids.add("c" + i));
            IntStream.range(0, OwnerProcess.WORKED).forEach(i -> ids.add("w" + i));
            assertThat(book.runs().ids("", 100)).containsExactlyElementsOf(ids);
            for (String id : ids) {
                RunInfo info = book.runs().require(id);
                assertThat(info.status()).isEqualTo(RunStatus.COMPLETED);
                assertThat(info.generation()).isEqualTo(1);
                List<String> numbers = book.runs().run(id).thread().chain().stream()
                        .map(Message::content)
                        .toList();
                assertThat(numbers)
                        .isEqualTo(IntStream.range(0, numbers.size())
                                .mapToObj(n -> "\"" + n + "\"")
                                .toList());
            }
        }
        assertThat(Daybook.verify(directory.resolve("data"), Progress.NONE).problems())
                .isEmpty();
    }

    @Test
    void threadThatWasPausedPastItsLeaseWritesNothing() throws Exception {
        try (Daybook book = Daybook.open(directory.resolve("data"))) {
            Runs runs = book.runs();
            runs.submit(NewRun.of("w").id("r"));
            Run paused = runs.claim("w", "paused", Duration.ofSeconds(1)).orElseThrow();
            paused.message("user", "before");
            while (runs.require("r").status() == RunStatus.STARTED) {
                LockSupport.parkNanos(1_000_000);
            }
            runs.requeue("r", Resume.current());
            try (Worker other = runs.worker("w", WorkerOptions.defaults(), run -> {
                run.message("user", "other");
                return null;
            })) {
                assertThatThrownBy(() -> paused.message("user", "after"))
                        .satisfies(
                                e -> assertThat(e).isInstanceOfAny(LeaseLostException.class, RunStateException.class));
                while (runs.require("r").status() != RunStatus.COMPLETED) {
                    LockSupport.parkNanos(1_000_000);
                }
            }
            assertThatThrownBy(() -> paused.step("s", () -> "x")).isInstanceOf(LeaseLostException.class);
            assertThatThrownBy(paused::complete).isInstanceOf(LeaseLostException.class);
            assertThat(runs.run("r").thread().chain().stream().map(Message::content))
                    .containsExactly("\"before\"", "\"other\"");
        }
    }

    @Test
    void killedWorkersRunsEndAndEachStepIsRecordedOnce() throws Exception {
        SplittableRandom random = new SplittableRandom(Long.getLong("seed", System.nanoTime()));
        for (int cycle = 0; cycle < CYCLES; cycle++) {
            Process process = start("kill", Integer.toString(cycle));
            try (BufferedReader out = output(process)) {
                if (random.nextInt(10) == 0) {
                    Thread.sleep(random.nextInt(400)); // wherever it is
                } else {
                    for (int steps = random.nextInt(20); steps >= 0; steps--) {
                        assertThat(out.readLine()).isEqualTo("step");
                    }
                }
            } finally {
                process.destroyForcibly();
                assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            }
        }
        int attempts = 0; // of all runs
        int effects = 0;
        int records = 0;
        try (Daybook book = Daybook.open(directory.resolve("data"))) {
            Worker worker = OwnerProcess.worker(book, directory, () -> {});
            while (!book.runs().active(Optional.of("job")).isEmpty() || goesOn(book)) {
                Thread.sleep(5);
            }
            assertThat(worker.drain(Duration.ofSeconds(60))).isZero();
            for (String id : book.runs().ids("", 10_000)) {
                RunRef run = book.runs().run(id);
                assertThat(run.info().status()).isEqualTo(RunStatus.COMPLETED);
                attempts += run.info().attempt();
                for (String step : OwnerProcess.STEPS) {
                    List<String> done = Files.readAllLines(directory.resolve(id + "." + step));
                    List<StepRecord> completed = run.timeline().steps().stream()
                            .filter(one -> one.name().equals(step) && one.status() == StepStatus.COMPLETED)
                            .toList();
                    assertThat(completed).hasSize(1);
                    assertThat(done).contains(result(book, id, completed.get(0)));
                    effects += done.size();
                    records++;
                }
            }
        }
        assertThat(Daybook.verify(directory.resolve("data"), Progress.NONE).problems())
                .isEmpty();
        System.out.println("kill -9 of workers: cycles=" + CYCLES + " attempts=" + attempts + " side effects=" + effects
                + " records=" + records + " recorded twice=0 not ended=0");
    }

    private static boolean goesOn(Daybook book) {
        return book.runs().ids("", 10_000).stream()
                .anyMatch(id -> book.runs().require(id).status().resumable());
    }

    /** What stands in the record: the name of the side effect that it is of. */
    private static String result(Daybook book, String id, StepRecord step) {
        String data = book.read("runs/" + id, ReadOptions.all()).stream()
                .filter(event -> event.seq() == step.seq())
                .findFirst()
                .orElseThrow()
                .data();
        return data.replaceAll("^.*\"result\":\"([^\"]*)\".*$", "$1");
    }

    private Process start(String... how) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                OwnerProcess.class.getName(),
                directory.toString()));
        command.addAll(List.of(how));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static BufferedReader output(Process process) {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    private static void signal(String name, Process process) throws Exception {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .inheritIO()
                .start();
        assertThat(kill.waitFor()).isZero();
    }
}
