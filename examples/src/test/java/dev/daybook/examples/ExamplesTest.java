package dev.daybook.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.Daybook;
import dev.daybook.run.NewRun;
import dev.daybook.run.RunStatus;
import dev.daybook.run.Timeline;
import dev.daybook.stream.Event;
import dev.daybook.stream.NewEvent;
import dev.daybook.stream.Subscription;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs run, and the documentation shows what runs. */
class ExamplesTest {
    @TempDir
    Path directory;

    @Test
    void helloStoresAndFollows() {
        Hello.run(directory);
        try (Daybook book = Daybook.open(directory)) {
            assertThat(book.stream("chats/42").read().toList()).hasSize(1);
        }
    }

    @Test
    void aRunGoesOnWhereItWas() {
        try (Daybook book = Daybook.open(directory)) {
            book.stream("runs/nightly")
                    .append(
                            NewEvent.json("step", "{\"step\":0}"),
                            dev.daybook.stream.AppendOptions.from("worker", 0, 0));
        }
        assertThat(ResumeAfterCrash.run(directory)).isEqualTo(4);
        assertThat(ResumeAfterCrash.run(directory)).isZero();
    }

    @Test
    void ownViewCountsWhatWasWritten() {
        try (Daybook book = Daybook.open(directory)) {
            for (String author : new String[] {"critic", "planner", "critic", "critic"}) {
                book.stream("chats/" + author)
                        .append(NewEvent.json("message", "1").source(author));
            }
            book.stream("elsewhere").append(NewEvent.json("message", "1").source("nobody"));
        }
        assertThat(OwnView.busiest(directory)).containsExactly("critic 3", "planner 2");
        assertThat(OwnView.busiest(directory)).containsExactly("critic 3", "planner 3");
    }

    @Test
    void aRunIsRecorded() throws Exception {
        RecordARun.run(directory);
        try (Daybook book = Daybook.open(directory)) {
            String id = book.runs().ids("", 2).get(0);
            assertThat(book.runs().require(id).status()).isEqualTo(RunStatus.COMPLETED);
            assertThat(book.runs().run(id).output()).contains("{\"characters\":16}");
        }
    }

    /** The process is killed in the middle of the second or a later step; what it recorded is not done again. */
    @Test
    void aKilledRunGoesOnWhereItWas() throws Exception {
        Process killed = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        ResumeAfterKill.class.getName(),
                        directory.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader out = killed.inputReader()) {
            assertThat(out.readLine()).isEqualTo("attempt 1");
            assertThat(out.readLine()).isEqualTo("A page about Lisbon");
            try (Daybook reader = Daybook.open(
                            directory, dev.daybook.DaybookOptions.defaults().withReadOnly(true));
                    Subscription live = reader.runs().run("report-2026-11").subscribe(0)) {
                for (Event event : live) {
                    if (event.type().equals("step-completed")) {
                        break; // what was printed is recorded, too
                    }
                }
            }
        } finally {
            killed.destroyForcibly().waitFor(); // kill -9
        }
        ResumeAfterKill.run(directory);
        try (Daybook book = Daybook.open(directory)) {
            Timeline timeline = book.runs().run("report-2026-11").timeline();
            assertThat(timeline.attempts())
                    .extracting(Timeline.Attempt::status)
                    .containsExactly(RunStatus.CRASHED, RunStatus.COMPLETED);
            List<Timeline.StepRecord> completed = timeline.steps().stream()
                    .filter(step -> step.status() == Timeline.StepStatus.COMPLETED)
                    .toList();
            assertThat(completed)
                    .extracting(Timeline.StepRecord::name)
                    .doesNotHaveDuplicates()
                    .hasSize(4);
            assertThat(completed.get(0).runAttempt()).isEqualTo(1);
            assertThat(book.runs().run("report-2026-11").output()).contains("{\"characters\":78}");
        }
        ResumeAfterKill.run(directory); // done before: nothing happens
    }

    @Test
    void aPoolWorksOnWhatFitsAndDropsTheRest() throws Exception {
        WorkerPool.run(directory);
        try (Daybook book = Daybook.open(directory)) {
            List<RunStatus> ended = book.runs().ids("", 100).stream()
                    .map(id -> book.runs().require(id).status())
                    .toList();
            assertThat(ended).hasSize(10).containsOnly(RunStatus.COMPLETED, RunStatus.DROPPED);
            assertThat(ended.get(9)).isEqualTo(RunStatus.COMPLETED);
        }
    }

    @Test
    void aRunIsFollowedToItsEnd() throws Exception {
        try (Daybook book = Daybook.open(directory)) {
            book.runs().record(NewRun.of("w").id("r"));
            CompletableFuture<RunStatus> seen = CompletableFuture.supplyAsync(() -> LiveTail.follow(directory, "r"));
            book.runs().run("r").message("user", "hi");
            book.runs().run("r").complete();
            assertThat(seen.get()).isEqualTo(RunStatus.COMPLETED);
        }
    }

    /** A block that begins with ```java example=Name must stand, line for line, in that program. */
    @Test
    void snippetsOfTheDocumentationArePartOfThePrograms() throws IOException {
        int found = 0;
        for (String page : new String[] {"README.md", "ARCHITECTURE.md", "docs/durability.md", "docs/concurrency.md"}) {
            Matcher block = Pattern.compile("```java example=(\\w+)\n(.*?)```", Pattern.DOTALL)
                    .matcher(Files.readString(Path.of("..", page)));
            while (block.find()) {
                String program =
                        Files.readString(Path.of("src/main/java/dev/daybook/examples", block.group(1) + ".java"));
                assertThat(stripped(program)).as(page).contains(stripped(block.group(2)));
                found++;
            }
        }
        assertThat(found).isPositive();
    }

    private static String stripped(String text) {
        return text.lines().map(String::strip).filter(line -> !line.isEmpty()).reduce("", (a, b) -> a + "\n" + b);
    }
}
