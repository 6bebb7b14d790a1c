package dev.daybook.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.Durability;
import dev.daybook.cli.Cli.Result;
import dev.daybook.run.NewRun;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunQueryCommandsTest {
    private static final String TIME = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z";

    @TempDir
    Path folder;

    private Cli cli;

    @BeforeEach
    void useAStoreOfItsOwn() {
        cli = new Cli(folder.resolve("store"));
    }

    private void someRuns() {
        cli.ok("run", "start", "import", "--id", "a", "--tag", "env=prod", "--tag", "team=x");
        cli.ok("run", "start", "import", "--id", "b", "--tag", "env=prod,team=y", "--parent", "a");
        cli.ok("run", "start", "export", "--id", "c", "--tag", "env=test", "--parent", "a");
        cli.ok("run", "start", "export", "--id", "d");
        cli.ok("run", "complete", "a");
        cli.ok("run", "fail", "b", "--error", "no such\nfile", "--exit-code", "2");
        cli.ok("run", "cancel", "c");
    }

    private List<String> listed(String... more) {
        List<String> words = new java.util.ArrayList<>(List.of("run", "list", "--json"));
        words.addAll(List.of(more));
        return cli.ok(words.toArray(String[]::new))
                .lines()
                .map(line -> line.substring(8, 9))
                .toList();
    }

    @Test
    void runsAreFoundByTheirWords() {
        cli.ok("run", "start", "w", "--id", "one", "--input", "{\"url\":\"apple pie\"}");
        cli.ok("run", "start", "w", "--id", "two");
        cli.ok("run", "message", "two", "--role", "user", "--content", "No Apples");
        assertThat(cli.ok("run", "list", "--text", "APPLE*", "--json").lines()).hasSize(2);
        assertThat(cli.ok("run", "list", "--text", "\"apple pie\"", "--json").lines())
                .singleElement()
                .asString()
                .contains("\"run\":\"one\"");
        assertThat(cli.ok("run", "list", "--text", "url", "--json")).isEmpty();
        assertThat(cli.run("run", "list", "--text", "-").status()).isEqualTo(2);
    }

    @Test
    void runsAreListedWithTabsAndWithFilters() {
        someRuns();
        assertThat(cli.run("run", "list").lines())
                .hasSize(7)
                .element(0)
                .isEqualTo("all 4  started 1  completed 1  failed 1  cancelled 1");
        assertThat(cli.ok("run", "list", "--workflow", "import"))
                .matches("all 2  completed 1  failed 1\n\n"
                        + "RUN  WORKFLOW  STATUS     ATTEMPT  CREATED +TOOK  TAGS +NOTE\n"
                        + "b    import    failed           1  " + TIME
                        + " +\\d.* m?s  env=prod, team=y  exit code 2: no such file\n"
                        + "a    import    completed        1  " + TIME + " +\\d.* m?s  env=prod, team=x\n");
        assertThat(listed()).containsExactly("d", "c", "b", "a");
        assertThat(listed("--status", "failed", "--status", "completed")).containsExactly("b", "a");
        assertThat(listed("--status", "failed,completed")).containsExactly("b", "a");
        assertThat(listed("--resumable")).containsExactly("c", "b");
        assertThat(listed("--tag", "env=prod")).containsExactly("b", "a");
        assertThat(listed("--tag", "env=prod", "--tag", "team=y")).containsExactly("b");
        assertThat(listed("--parent", "a", "--workflow", "export")).containsExactly("c");
        assertThat(listed("--since", "1h", "--until", "0s", "--longer-than", "0ms", "--shorter-than", "1h"))
                .containsExactly("c", "b", "a");
        assertThat(listed("--until", "1h")).isEmpty();
        assertThat(cli.ok("run", "list", "--status", "killed"))
                .isEqualTo("all 4  started 1  completed 1  failed 1  cancelled 1\n\n");
        assertThat(cli.ok("run", "list", "--status", "failed", "--json"))
                .matches(
                        "\\{\"run\":\"b\",\"workflow\":\"import\",\"status\":\"failed\",\"attempt\":1,\"created\":\""
                                + TIME
                                + "\",\"started\":\"" + TIME + "\",\"ended\":\"" + TIME
                                + "\",\"durationMillis\":\\d+,\"exitCode\":2,"
                                + "\"error\":\"no such\\\\nfile\",\"tags\":\\{\"env\":\"prod\",\"team\":\"y\"},\"parent\":\"a\"}\n");
    }

    @Test
    void pagesGoOnWhereTheyEnded() {
        someRuns();
        Result first = cli.run("run", "list", "--limit", "3", "--json");
        assertThat(first.lines()).hasSize(3);
        String cursor = first.err().strip().substring(first.err().strip().lastIndexOf(' ') + 1);
        assertThat(listed("--cursor", cursor)).containsExactly("a");
        assertThat(cli.run("run", "list", "--limit", "4").err()).isEmpty();
    }

    @Test
    void runsOfAnotherProcessAreListedWhileItWrites() {
        try (Daybook writer = Daybook.open(cli.store())) {
            writer.runs().start(NewRun.of("w").id("r").occurred(Instant.parse("2026-01-02T03:04:05Z")));
            assertThat(listed()).containsExactly("r");
            writer.runs().start(NewRun.of("w").id("s"));
            assertThat(cli.ok("run", "list")).containsPattern("\ns .* by process-\\d+\nr ");
        }
        assertThat(listed("--status", "crashed")).containsExactly("s", "r");
    }

    @Test
    void badQuestionsAreUsageErrors() {
        assertThat(cli.run("run", "list").status()).isEqualTo(3);
        someRuns();
        cli.ok("run", "start", "w", "--id", "aa-1");
        cli.ok("run", "start", "w", "--id", "aa-2");
        for (String[] args : List.of(
                new String[] {"--status", "success"},
                new String[] {"--status", "failed", "--resumable"},
                new String[] {"--status", ""},
                new String[] {"--limit", "0"},
                new String[] {"--limit", "-1"},
                new String[] {"--limit", "10001"},
                new String[] {"--cursor", "1.1"},
                new String[] {"--cursor", ""},
                new String[] {"--tag", "env"},
                new String[] {"--since", "soon"},
                new String[] {"--longer-than", "long"},
                new String[] {"--parent", "aa"},
                new String[] {"more"})) {
            List<String> words = new java.util.ArrayList<>(List.of("run", "list"));
            words.addAll(List.of(args));
            assertThat(cli.run(words.toArray(String[]::new)).status())
                    .as(String.join(" ", args))
                    .isEqualTo(2);
        }
        assertThat(cli.run("run", "list", "--status", "faild").err()).contains("did you mean failed?");
        assertThat(cli.ok("run", "list", "--parent", "none")).doesNotContain("RUN");
    }

    @Test
    void historyHasEachAttempt() {
        someRuns();
        cli.ok("run", "resume", "b");
        cli.ok("run", "complete", "b");
        assertThat(cli.ok("run", "history", "--workflow", "import"))
                .matches("RUN  WORKFLOW  ATTEMPT  STATUS     ENDED +TOOK  NOTE\n"
                        + "b    import          2  completed  " + TIME + " +\\d.* m?s\n"
                        + "b    import          1  failed     " + TIME + " +\\d.* m?s  exit code 2: no such file\n"
                        + "a    import          1  completed  " + TIME + " +\\d.* m?s\n");
        assertThat(cli.ok("run", "history", "--status", "failed", "--json"))
                .matches("\\{\"run\":\"b\",\"workflow\":\"import\",\"attempt\":1,\"status\":\"failed\",\"started\":\""
                        + TIME
                        + "\",\"ended\":\"" + TIME
                        + "\",\"durationMillis\":\\d+,\"exitCode\":2,\"error\":\"no such\\\\nfile\"}\n");
        assertThat(cli.ok("run", "history", "--tag", "env=prod", "--json").lines())
                .hasSize(3);
        assertThat(cli.ok("run", "history", "--parent", "a", "--longer-than", "1d"))
                .isEmpty();
        Result first = cli.run("run", "history", "--limit", "3", "--json");
        String cursor = first.err().strip().substring(first.err().strip().lastIndexOf(' ') + 1);
        assertThat(cli.ok("run", "history", "--cursor", cursor, "--json")).startsWith("{\"run\":\"a\"");
        assertThat(cli.run("run", "list", "--cursor", cursor).status()).isEqualTo(2);
    }

    @Test
    void statisticsCountAndMeasure() {
        someRuns();
        assertThat(cli.ok("run", "stats").lines())
                .satisfiesExactly(
                        line -> assertThat(line).isEqualTo("all 3  completed 1  failed 1  cancelled 1"),
                        line -> assertThat(line).isEmpty(),
                        line -> assertThat(line).matches("WORKFLOW  ENDED  SUCCESS +MEAN +P50 +P95 +P99"),
                        line -> assertThat(line).matches(" +3   50.0 %  .*"),
                        line -> assertThat(line).matches("export +1 .*"),
                        line -> assertThat(line).matches("import +2   50.0 %  .*"));
        assertThat(cli.ok("run", "stats", "--workflow", "import", "--bucket", "1d", "--json"))
                .matches(
                        "\\{\"total\":2,\"byStatus\":\\{\"completed\":1,\"failed\":1},\"successRate\":0.5,\"meanMillis\":\\d+,"
                                + "\"p50Millis\":\\d+,\"p95Millis\":\\d+,\"p99Millis\":\\d+,"
                                + "\"byWorkflow\":\\[\\{\"workflow\":\"import\",\"total\":2,.*}],"
                                + "\"series\":\\[\\{\"from\":\"\\d{4}-\\d\\d-\\d\\dT00:00:00.000000Z\",\"to\":\"" + TIME
                                + "\",\"total\":2,.*}]}\n");
        assertThat(cli.ok("run", "stats", "--bucket", "1h")).contains("\nFROM  ");
        assertThat(cli.ok("run", "stats", "--workflow", "none")).isEqualTo("all 0\n");
        for (String bucket : List.of("1s", "x", "0x")) {
            assertThat(cli.run("run", "stats", "--bucket", bucket).status())
                    .as(bucket)
                    .isEqualTo(2);
        }
        assertThat(cli.run("run", "stats", "--limit", "5").status()).isEqualTo(2);
    }

    @Test
    void statisticsOfTooManyWorkflowsAreInTotal() {
        DaybookOptions quick = DaybookOptions.defaults().withDurability(Durability.OS);
        try (Daybook book = Daybook.open(folder.resolve("store"), quick)) {
            for (int i = 0; i < 10_001; i++) {
                book.runs().record(NewRun.of("w" + i)).complete();
            }
        }
        Result result = cli.run("run", "stats", "--json");
        assertThat(result.out()).startsWith("{\"total\":10001,").contains("\"byWorkflow\":[]");
        assertThat(result.err()).contains("no figures of each workflow: that are more than 10000 workflows");
        assertThat(cli.ok("run", "stats").lines()).hasSize(4);
    }

    @Test
    void cleanupDeletesWhatEndedLongAgo() {
        someRuns();
        for (String age : new String[] {"1h", "106752d", "3999999d", "300000000w"}) {
            assertThat(cli.ok("run", "cleanup", "--older-than", age)).isEqualTo("0 runs deleted\n");
        }
        assertThat(cli.ok("run", "cleanup", "--older-than", "0s", "--dry-run")).isEqualTo("3 runs would be deleted\n");
        assertThat(cli.ok("run", "cleanup", "--older-than", "0s", "--dry-run", "--json"))
                .isEqualTo("{\"wouldDelete\":3}\n");
        assertThat(listed()).hasSize(4);
        assertThat(cli.ok("run", "cleanup", "--older-than", "0s", "--json")).isEqualTo("{\"deleted\":3}\n");
        assertThat(listed()).containsExactly("d");
        assertThat(cli.ok("run", "history")).isEmpty();
        assertThat(cli.run("run", "show", "a").status()).isEqualTo(3);
        assertThat(cli.ok("verify")).contains("view runs at position ", "diff_rows=0");
        assertThat(cli.run("run", "cleanup").status()).isEqualTo(2);
        assertThat(cli.run("run", "cleanup", "--older-than", "-1d").status()).isEqualTo(2);
        assertThat(cli.run("run", "cleanup", "--older-than", "soon").status()).isEqualTo(2);
    }
}
