package dev.daybook.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.cli.Cli.Result;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
    @TempDir
    Path folder;

    private Cli cli;

    @BeforeEach
    void useAStoreOfItsOwn() {
        cli = new Cli(folder.resolve("store"));
    }

    @Test
    void everyCommandHasHelpWithAnExample() {
        for (String name : Commands.NAMES) {
            if (name.equals(DemoAgent.NAME)) {
                continue;
            }
            if (Commands.verbs(name).isEmpty()) {
                assertThat(cli.ok(name, "--help"))
                        .startsWith("Usage: daybook " + name)
                        .contains("Example");
            }
            for (String verb : Commands.verbs(name)) {
                assertThat(cli.ok(name, verb, "-h"))
                        .startsWith("Usage: daybook " + name + " " + verb)
                        .contains("Example")
                        .isEqualTo(cli.ok("help", name, verb));
            }
        }
        assertThat(cli.ok("--help"))
                .contains("Exit status:")
                .contains("salvage")
                .doesNotContain(DemoAgent.NAME);
    }

    @Test
    void versionIsData() {
        assertThat(cli.ok("--version")).startsWith("daybook ").endsWith("\n");
        assertThat(cli.ok("--version", "--json")).matches("\\{\"version\":\"[^\"]+\"}\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "stream",
                "nonsense",
                "stream read",
                "stream read x --limit 0",
                "stream read x --limit -1",
                "stream read x --limit ten",
                "stream read x --limit +5",
                "stream read x --since -1",
                "stream read x --from yesterday",
                "stream list --limit 0",
                "stream truncate x",
                "stream truncate x --keep 1 --before 2",
                "stream truncate x --keep -1",
                "stream append x",
                "stream append x y",
                "stream append x - --data 1",
                "stream append x - --id i",
                "stream append x --data 1 --producer p",
                "stream append x --data 1 --producer p:0",
                "stream append x --data 1 --producer p:x:0",
                "stream append x --data 1 --expect-seq -1",
                "stream append x --data",
                "stream append x --data 1 --type=",
                "stream append x --data {",
                "stream replace x y",
                "import f",
                "import f --stream s --export",
                "import f --export --type t",
                "import f --stream s --prefix p",
                "salvage",
                "completion tcsh",
                "help nonsense",
                "stats --store=",
                "bench --seconds 0",
            })
    void usageErrorsExitWithTwoAndMakeNoStore(String line) {
        Result result = cli.run(line.isEmpty() ? new String[0] : line.split(" "));
        assertThat(result.status()).as(result.err()).isEqualTo(2);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).startsWith("daybook: ").doesNotContain("\tat ");
        assertThat(cli.store()).doesNotExist();
    }

    @Test
    void mistakesNameTheNearestCommandAndTheHelp() {
        assertThat(cli.run("strem", "list").err())
                .isEqualTo("daybook: there is no command strem; did you mean stream?\nSee `daybook --help`.\n");
        assertThat(cli.run("stream", "raed", "x").err())
                .isEqualTo("daybook: there is no command raed; did you mean read?\nSee `daybook stream --help`.\n");
        assertThat(cli.run("stream", "read", "x", "--json", "--limt", "3").err())
                .isEqualTo(
                        "{\"error\":{\"code\":\"usage\",\"message\":\"there is no option --limt; did you mean --limit?\"}}\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "stream read x",
                "stream tail x",
                "stream list",
                "stream info x",
                "stream close x",
                "stream truncate x --keep 1",
                "stream delete x",
                "stats",
                "verify",
                "salvage --to other",
                "export",
            })
    void missingStoreIsNotFoundAndNotMade(String line) {
        Result result = cli.run(line.split(" "));
        assertThat(result.status()).isEqualTo(3);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).startsWith("daybook: there is no store at " + cli.store());
        assertThat(cli.store()).doesNotExist();
        assertThat(cli.run((line + " --json").split(" ")).err())
                .startsWith("{\"error\":{\"code\":\"not-found\",\"message\":\"there is no store at ");
    }

    @Test
    void emptyDirectoryIsNoStore() throws IOException {
        Files.createDirectory(cli.store());
        assertThat(cli.run("stats").status()).isEqualTo(3);
        assertThat(cli.store()).isEmptyDirectory();
    }

    @Test
    void storeOptionGoesBeforeTheEnvironment() {
        String other = folder.resolve("other").toString();
        cli.ok("stream", "append", "x", "--data", "1", "--store", other);
        assertThat(cli.store()).doesNotExist();
        assertThat(cli.ok("--store", other, "stream", "read", "x")).isEqualTo("1\n");
    }

    @Test
    void closedOutputEndsQuietly() {
        cli.ok("stream", "append", "x", "--data", "1");
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = run(new BrokenOutput("Broken pipe"), err, "stream", "read", "x");
        assertThat(status).isZero();
        assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    @Test
    void fullDiskUnderTheOutputIsAFailure() {
        cli.ok("stream", "append", "x", "--data", "1");
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = run(new BrokenOutput("No space left on device"), err, "stream", "read", "x");
        assertThat(status).isEqualTo(8);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("No space left on device");
    }

    @Test
    void appendsGoOnWhenNobodyReadsTheAcknowledgements() {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status = Main.run(
                new String[] {"stream", "append", "x", "-"},
                new ByteArrayInputStream("1\n2\n3\n".getBytes(StandardCharsets.UTF_8)),
                new BrokenOutput("Broken pipe"),
                err,
                Map.of("DAYBOOK_STORE", cli.store().toString()));
        assertThat(status).as(err.toString(StandardCharsets.UTF_8)).isZero();
        assertThat(cli.ok("stream", "read", "x")).isEqualTo("1\n2\n3\n");
    }

    private int run(OutputStream out, OutputStream err, String... args) {
        return Main.run(
                args,
                InputStream.nullInputStream(),
                out,
                err,
                Map.of("DAYBOOK_STORE", cli.store().toString()));
    }

    private static final class BrokenOutput extends OutputStream {
        private final String message;

        BrokenOutput(String message) {
            this.message = message;
        }

        @Override
        public void write(int b) throws IOException {
            throw new IOException(message);
        }
    }

    @Test
    void completionsNameEveryCommandButTheHiddenOne() throws Exception {
        for (String shell : List.of("bash", "zsh", "fish")) {
            String script = cli.ok("completion", shell);
            for (String name : Commands.NAMES) {
                if (!name.equals(DemoAgent.NAME)) {
                    assertThat(script).contains(name);
                }
            }
            assertThat(script)
                    .contains("truncate")
                    .contains("expect-seq")
                    .doesNotContain("demo-agent")
                    .doesNotContain("demo_agent");
        }
        Path script = Files.writeString(folder.resolve("script"), cli.ok("completion", "bash"));
        Process bash = new ProcessBuilder(
                        "bash",
                        "-c",
                        "source " + script + "; COMP_WORDS=(daybook stream tr); COMP_CWORD=2; _complete_daybook;"
                                + " echo \"${COMPREPLY[*]}\"")
                .redirectError(ProcessBuilder.Redirect.DISCARD) // compopt only works in a real completion
                .start();
        assertThat(new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip())
                .isEqualTo("truncate");
    }
}
