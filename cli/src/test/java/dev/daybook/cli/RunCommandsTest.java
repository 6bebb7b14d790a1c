package dev.daybook.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.Daybook;
import dev.daybook.cli.Cli.Result;
import dev.daybook.run.NewRun;
import dev.daybook.run.Run;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunCommandsTest {
    private static final String TIME = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z";

    @TempDir
    Path folder;

    private Cli cli;

    @BeforeEach
    void useAStoreOfItsOwn() {
        cli = new Cli(folder.resolve("store"));
    }

    @Test
    void runIsStartedAndCompleted() {
        String id = cli.ok("run", "start", "summarise", "--input", "{\"n\": 1}", "--tag", "team=research,cost=")
                .strip();
        assertThat(id).matches("[0-9A-Z]{26}");
        assertThat(cli.ok("run", "message", id, "--role", "user", "--content", "hi"))
                .isEqualTo(id + " 2\n");
        assertThat(cli.okWithInput(
                        "line 1\nü", "run", "message", id, "-", "--role", "tool", "--meta", "{\"s\":1}", "--json"))
                .matches("\\{\"stream\":\"runs/" + id + "\",\"pos\":\\d+,\"seq\":3}\n");
        assertThat(cli.ok("run", "complete", id.substring(0, 20), "--output", "[1]"))
                .isEqualTo(id + " completed\n");
        assertThat(cli.ok("run", "show", id, "--json"))
                .matches("\\{\"run\":\"" + id + "\",\"workflow\":\"summarise\",\"status\":\"completed\",\"attempt\":1,"
                        + "\"created\":\"" + TIME + "\",\"started\":\"" + TIME + "\",\"ended\":\"" + TIME
                        + "\",\"durationMillis\":\\d+,\"exitCode\":null,\"error\":null,"
                        + "\"tags\":\\{\"cost\":\"\",\"team\":\"research\"},\"input\":\\{\"n\": 1},\"output\":\\[1],"
                        + "\"attempts\":\\[\\{\"attempt\":1,\"status\":\"completed\",.*],\"steps\":\\[],\"messages\":\\["
                        + "\\{\"round\":1,\"seq\":2,\"role\":\"user\",\"content\":\"hi\",\"meta\":null,.*}]}\n");
        Result again = cli.run("run", "complete", id, "--json");
        assertThat(again.status()).isEqualTo(4);
        assertThat(again.err()).contains("\"code\":\"run-state\"", "\"actual\":\"completed\",\"wanted\":\"completed\"");
    }

    @Test
    void failedRunIsGoneOnWithAndShowsBothAttempts() {
        cli.ok("run", "start", "import", "--id", "r", "--input", "{\"depth\":1,\"url\":\"u\"}");
        assertThat(cli.ok("run", "fail", "r", "--error", "no such\nfile", "--exit-code", "2"))
                .isEqualTo("r failed\n");
        assertThat(cli.ok("run", "resume", "r", "--input", "depth=2,url=x y")).isEqualTo("r started\n");
        cli.ok("run", "complete", "r");
        String shown = cli.ok("run", "show", "r");
        assertThat(shown)
                .contains("status     completed", "input      {\"depth\":2,\"url\":\"x y\"}")
                .containsPattern("attempt 1  failed, from " + TIME + " to " + TIME
                        + " \\(\\d+ ms\\), exit code 2: no such file\n")
                .containsPattern("attempt 2  completed, from .*, going on from current\n");
        assertThat(cli.run("run", "resume", "r").status()).isEqualTo(4);
    }

    @Test
    void runOfAProcessThatIsGoneShowsItsStepsAndGoesOn() {
        try (Daybook book = Daybook.open(cli.store())) {
            Run run = book.runs().start(NewRun.of("w").id("r"));
            run.step("fetch", () -> "page");
            run.step("draft", () -> "text");
            run.message("assistant", "hello");
        }
        assertThat(cli.ok("run", "show", "r")).contains("status     started"); // reading changes nothing
        assertThat(cli.run("run", "resume", "r", "--from", "nothing").status()).isEqualTo(2);
        assertThat(cli.ok("run", "resume", "r", "--from", "draft")).isEqualTo("r started\n");
        assertThat(cli.ok("run", "show", "r"))
                .containsPattern("attempt 1  crashed, .* by process-\\d+, process-gone\n  " + TIME
                        + "  completed  fetch, \\d+ ms\n  " + TIME + "  set aside  draft, \\d+ ms\n")
                .containsPattern("attempt 2  started, .* going on from step\n")
                .containsPattern("messages  1\n  " + TIME + "  1  assistant: \"hello\"  \\(set aside\\)\n");
    }

    @Test
    void limitDropsOrQueues() {
        cli.ok("run", "start", "w", "--id", "1", "--limit", "1");
        Result dropped = cli.run("run", "start", "w", "--id", "2", "--limit", "1");
        assertThat(dropped.status()).isEqualTo(1);
        assertThat(dropped.out()).isEqualTo("2\n");
        assertThat(dropped.err()).contains("dropped");
        Result queued = cli.run("run", "start", "w", "--id", "3", "--limit", "1", "--overflow", "queue", "--json");
        assertThat(queued.status()).isEqualTo(1);
        assertThat(queued.out()).contains("\"status\":\"queued\"");
        assertThat(cli.ok("run", "cancel", "3", "--reason", "late")).isEqualTo("3 cancelled\n");
        assertThat(cli.ok("run", "cancel", "1", "--kill")).isEqualTo("1 killed\n");
        assertThat(cli.run("run", "cancel", "1").status()).isEqualTo(4);
    }

    @Test
    void idsMayBeShortenedWhenThatIsEnough() {
        cli.ok("run", "start", "w", "--id", "abc-1");
        cli.ok("run", "start", "w", "--id", "abc-2");
        cli.ok("run", "start", "w", "--id", "abc");
        assertThat(cli.ok("run", "show", "abc")).startsWith("run        abc\n");
        Result result = cli.run("run", "show", "ab");
        assertThat(result.status()).isEqualTo(2);
        assertThat(result.err()).contains("abc, abc-1, abc-2");
        assertThat(cli.run("run", "show", "x").status()).isEqualTo(3);
        assertThat(cli.run("run", "complete", "x", "--json").err()).contains("\"code\":\"run-not-found\"");
    }

    @Test
    void tailFollowsARunToItsEndAndExitsWithItsOutcome() throws Exception {
        cli.ok("run", "start", "w", "--id", "r");
        try (Child tail = cli.start("run", "tail", "r", "--json")) {
            assertThat(tail.line()).contains("\"type\":\"started\"");
            cli.ok("run", "message", "r", "--role", "user", "--content", "hi");
            assertThat(tail.line()).contains("\"type\":\"message\"");
            cli.ok("run", "fail", "r", "--error", "x");
            assertThat(tail.line()).contains("\"type\":\"failed\"");
            assertThat(tail.status()).isEqualTo(1);
        }
        cli.ok("run", "resume", "r");
        cli.ok("run", "complete", "r");
        assertThat(cli.run("run", "tail", "r").lines())
                .hasSize(5)
                .last()
                .asString()
                .matches(TIME + " completed \\{}");
        assertThat(cli.ok("run", "tail", "r", "--since", "5")).isEmpty();
        assertThat(cli.run("run", "tail", "none").status()).isEqualTo(3);
    }

    @Test
    void badInputMakesNoStore() {
        for (String[] args : List.of(
                new String[] {"run", "start"},
                new String[] {"run", "start", "w", "--input", "{"},
                new String[] {"run", "start", "w", "--tag", "x"},
                new String[] {"run", "start", "w", "--limit", "0"},
                new String[] {"run", "start", "w", "--overflow", "drop"},
                new String[] {"run", "start", "w", "--limit", "1", "--overflow", "wait"},
                new String[] {"run", "message", "r", "--content", "x"},
                new String[] {"run", "message", "r", "--role", "user"},
                new String[] {"run", "message", "r", "--role", "user", "--content", "x", "-"},
                new String[] {"run", "message", "r", "--role", "user", "--content", "x", "--meta", "["},
                new String[] {"run", "complete", "r", "--output", "nul"},
                new String[] {"run", "fail", "r", "--exit-code", "-1"},
                new String[] {"run", "show", "r", "--rounds", "0"},
                new String[] {"run", "tail", "r", "--since", "-1"})) {
            assertThat(cli.run(args).status()).as(String.join(" ", args)).isEqualTo(2);
        }
        assertThat(cli.run("run", "show", "r").status()).isEqualTo(3);
        assertThat(cli.run("run", "complete", "r").status()).isEqualTo(3);
        assertThat(cli.store()).doesNotExist();
        for (String id : List.of("../x", "a/b", "x".repeat(129))) {
            assertThat(cli.run("run", "start", "w", "--id", id).status()).isEqualTo(2);
        }
    }

    @Test
    void runIsWrittenByItsOwnCommandsOnly() {
        cli.ok("run", "start", "w", "--id", "r");
        for (String[] args : List.of(
                new String[] {"stream", "append", "runs/r", "--data", "1"},
                new String[] {"stream", "close", "runs/r"},
                new String[] {"stream", "delete", "runs/r"},
                new String[] {"stream", "truncate", "runs/r", "--keep", "0"},
                new String[] {"run", "start", "w", "--id", "r"})) {
            assertThat(cli.run(args).status()).as(String.join(" ", args)).isEqualTo(4);
        }
        assertThat(cli.ok("stream", "read", "runs/r")).isEqualTo("{}\n");
    }
}
