package dev.daybook.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.cli.Cli.Result;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DocCommandsTest {
    private static final String TIME = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z";

    @TempDir
    Path folder;

    private Cli cli;

    @BeforeEach
    void useAStoreOfItsOwn() {
        cli = new Cli(folder.resolve("store"));
    }

    private void put(String key, String json) {
        cli.ok("doc", "put", key, "--data", json);
    }

    @Test
    void valueIsPutAndPrinted() {
        assertThat(cli.ok("doc", "put", "plans/q3", "--data", "{\"goal\": \"launch\"}", "--json"))
                .isEqualTo("{\"key\":\"plans/q3\",\"version\":1}\n");
        assertThat(cli.okWithInput("{\"goal\":\n\"ü\"}\n", "doc", "put", "plans/q3", "-"))
                .isEqualTo("plans/q3 version 2\n");
        assertThat(cli.okWithInput("3\n", "doc", "put", "n", "--data", "-")).isEqualTo("n version 1\n");
        assertThat(cli.ok("doc", "get", "plans/q3")).isEqualTo("{\"goal\": \"ü\"}\n");
        assertThat(cli.ok("doc", "get", "plans/q3", "--json"))
                .isEqualTo("{\"key\":\"plans/q3\",\"version\":2,\"data\":{\"goal\": \"ü\"}}\n");
        assertThat(cli.ok("doc", "get", "plans/q3", "--version", "1")).isEqualTo("{\"goal\": \"launch\"}\n");
        assertThat(cli.ok("doc", "get", "plans/q3", "--position", "2")).isEqualTo("{\"goal\": \"launch\"}\n");
        assertThat(cli.ok("doc", "get", "plans/q3", "--at", "0s")).isEqualTo("{\"goal\": \"ü\"}\n");
        for (List<String> old : List.of(List.of("--at", "7d"), List.of("--version", "9"), List.of("--position", "0"))) {
            Result result = cli.run("doc", "get", "plans/q3", old.get(0), old.get(1), "--json");
            assertThat(result.status()).isEqualTo(3);
            assertThat(result.out()).isEmpty();
            assertThat(result.err())
                    .isEqualTo(
                            "{\"error\":{\"code\":\"not-found\",\"message\":\"there is no such document: plans/q3\"}}\n");
        }
    }

    @Test
    void staleVersionIsAConflictWithTheActualOne() {
        put("d", "1");
        Result result = cli.run("doc", "put", "d", "--data", "2", "--if-version", "0", "--json");
        assertThat(result.status()).isEqualTo(4);
        assertThat(result.err()).contains("\"subject\":\"version\",\"expected\":0,\"actual\":1");
        assertThat(cli.run("doc", "put", "d", "--data", "2", "--if-absent").status())
                .isEqualTo(4);
        assertThat(cli.ok("doc", "put", "d", "--data", "2", "--if-version", "1"))
                .isEqualTo("d version 2\n");
        assertThat(cli.run("doc", "delete", "d", "--if-version", "1").status()).isEqualTo(4);
        assertThat(cli.ok("doc", "delete", "d", "--if-version", "2", "--json"))
                .isEqualTo("{\"key\":\"d\",\"deleted\":true}\n");
        assertThat(cli.run("doc", "delete", "d").status()).isEqualTo(3);
        assertThat(cli.ok("doc", "put", "d", "--data", "4", "--if-absent")).isEqualTo("d version 4\n");
    }

    @Test
    void listIsInTheOrderOfKeysAndGoesOn() {
        put("b", "1");
        put("a/2", "22");
        put("a/1", "1");
        put("gone", "1");
        cli.ok("doc", "delete", "gone");
        assertThat(cli.ok("doc", "list", "--json"))
                .matches("\\{\"key\":\"a/1\",\"version\":1,\"bytes\":1,\"changed\":\"" + TIME + "\"}\n"
                        + "\\{\"key\":\"a/2\".*\n\\{\"key\":\"b\".*\n");
        assertThat(cli.run("doc", "list", "a/").lines()).hasSize(3);
        assertThat(cli.run("doc", "list").lines().get(0)).matches("KEY +VERSION +SIZE +CHANGED");
        Result page = cli.run("doc", "list", "--limit", "2", "--json");
        assertThat(page.lines()).hasSize(2);
        assertThat(page.err()).contains("--after a/2");
        assertThat(cli.run("doc", "list", "--after", "a/2", "--json").lines()).hasSize(1);
        assertThat(cli.ok("doc", "list", "nothing", "--json")).isEmpty();
        assertThat(cli.ok("doc", "list", "nothing")).isEmpty();
    }

    @Test
    void historyIsNewestFirst() {
        put("d", "1");
        cli.ok("doc", "delete", "d");
        put("d", "{\"n\":3}");
        assertThat(cli.ok("doc", "history", "d"))
                .matches("3  " + TIME + "  \\{\"n\":3}\n2  " + TIME + "  deleted\n1  " + TIME + "  1\n");
        assertThat(cli.ok("doc", "history", "d", "--limit", "2", "--json"))
                .matches("\\{\"key\":\"d\",\"version\":3,\"pos\":\\d+,\"time\":\"" + TIME + "\",\"data\":\\{\"n\":3}}\n"
                        + "\\{\"key\":\"d\",\"version\":2,\"pos\":\\d+,\"time\":\"" + TIME + "\",\"deleted\":true}\n");
        assertThat(cli.ok("doc", "history", "d", "--before", "2", "--json")).contains("\"version\":1");
        assertThat(cli.ok("doc", "history", "d", "--before", "1")).isEmpty();
        assertThat(cli.run("doc", "history", "never").status()).isEqualTo(3);
    }

    @Test
    void capDeletesWhatIsLeastRecentlyWritten() {
        for (int i = 1; i <= 4; i++) {
            cli.ok("doc", "put", "undo/" + i, "--data", "0", "--prefix", "undo", "--keep", "2");
        }
        assertThat(cli.run("doc", "list", "--json").lines()).hasSize(2);
        assertThat(cli.run("doc", "put", "x", "--data", "0", "--keep", "2").status())
                .isEqualTo(2);
        assertThat(cli.run("doc", "put", "x", "--data", "0", "--prefix", "undo", "--keep", "2")
                        .status())
                .isEqualTo(2);
        assertThat(cli.run("doc", "put", "undo/1", "--data", "0", "--prefix", "undo", "--keep", "0")
                        .status())
                .isEqualTo(2);
    }

    @Test
    void badInputMakesNoStore() {
        for (String[] args : List.of(
                new String[] {"doc", "put", "d"},
                new String[] {"doc", "put", "d", "--data", "{"},
                new String[] {"doc", "put", "d", "-", "--data", "1"},
                new String[] {"doc", "put", "d", "x"},
                new String[] {"doc", "put", "d", "--data", "1", "--if-absent", "--if-version", "1"},
                new String[] {"doc", "put", "d", "--data", "1", "--if-version", "-1"},
                new String[] {"doc", "get", "d", "--version", "0"},
                new String[] {"doc", "get", "d", "--version", "1", "--position", "2"},
                new String[] {"doc", "list", "--limit", "0"},
                new String[] {"doc", "history", "d", "--limit", "-1"})) {
            assertThat(cli.run(args).status()).as(String.join(" ", args)).isEqualTo(2);
        }
        assertThat(cli.store()).doesNotExist();
        assertThat(cli.runWithInput("\"\u00e4", "doc", "put", "d", "-").status())
                .isEqualTo(2);
        assertThat(cli.run("doc", "get", "d").status()).isEqualTo(3);
        assertThat(cli.store()).doesNotExist();
    }

    @Test
    void documentIsWrittenByItsOwnCommandsOnly() {
        put("d", "1");
        for (String[] args : List.of(
                new String[] {"stream", "append", "documents/d", "--data", "1"},
                new String[] {"stream", "close", "documents/d"},
                new String[] {"stream", "delete", "documents/d"},
                new String[] {"stream", "truncate", "documents/d", "--keep", "0"},
                new String[] {"doc", "put", "runs/r/state", "--data", "1"},
                new String[] {"doc", "delete", "runs/r/state"})) {
            Result result = cli.run(args);
            assertThat(result.status()).as(String.join(" ", args)).isEqualTo(4);
        }
        for (String key : List.of("../x", "a//b", "x".repeat(501))) {
            assertThat(cli.run("doc", "put", key, "--data", "1").status()).isEqualTo(2);
        }
        assertThat(cli.ok("stream", "read", "documents/d")).isEqualTo("1\n");
        assertThat(cli.ok("doc", "get", "d")).isEqualTo("1\n");
    }

    @Test
    void watchFollowsAnotherProcessAndSaysWhereToGoOn() throws Exception {
        put("a/1", "1");
        put("b", "0");
        try (Child watch = cli.start("doc", "watch", "a", "--since", "0", "--json")) {
            assertThat(watch.line())
                    .matches("\\{\"key\":\"a/1\",\"version\":1,\"pos\":\\d+,\"time\":\"" + TIME + "\",\"data\":1}");
            put("a/2", "2");
            assertThat(watch.line()).contains("\"key\":\"a/2\"");
            cli.ok("doc", "delete", "a/1");
            String last = watch.line();
            assertThat(last)
                    .matches("\\{\"key\":\"a/1\",\"version\":2,\"pos\":\\d+,\"time\":\"" + TIME
                            + "\",\"deleted\":true}");
            watch.terminate();
            assertThat(watch.status()).isEqualTo(128 + 15);
            String pos = last.replaceAll("^.*\"pos\":|,\"time.*$", "");
            assertThat(watch.err()).isEqualTo("resume with: daybook doc watch a --since " + pos + " --json\n");
        }
        assertThat(cli.run("doc", "watch", "--since", "0", "--limit").status()).isEqualTo(2);
    }
}
