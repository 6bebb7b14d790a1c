package dev.daybook.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.cli.Cli.Result;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What only real processes can show. */
class ProcessTest {
    @TempDir
    Path folder;

    private Cli cli;

    @BeforeEach
    void useAStoreOfItsOwn() {
        cli = new Cli(folder.resolve("store"));
    }

    @Test
    void linesAreAcknowledgedBeforeTheInputEnds() throws Exception {
        try (Child child = cli.start("stream", "append", "x", "-")) {
            child.type("{\"n\":1}\n");
            assertThat(child.line()).startsWith("x 1 ");
            assertThat(cli.ok("stream", "read", "x")).isEqualTo("{\"n\":1}\n"); // so it is there, and not only promised
            child.type("2\n3");
            assertThat(child.line()).startsWith("x 2 ");
            child.endInput();
            assertThat(child.line()).startsWith("x 3 ");
            assertThat(child.status()).isZero();
            assertThat(child.err()).isEmpty();
        }
    }

    @Test
    void refusedLineEndsTheCommandAlthoughTheInputGoesOn() throws Exception {
        try (Child child = cli.start("stream", "append", "x", "-", "--expect-seq", "5")) {
            child.type("1\n");
            assertThat(child.status()).isEqualTo(4); // the input was not closed
        }
    }

    @Test
    void everythingAcknowledgedSurvivesAKill() throws Exception {
        List<String> acknowledged;
        try (Child child = cli.start("stream", "append", "x", "-")) {
            Thread typist = new Thread(() -> {
                try {
                    for (int i = 1; ; i++) {
                        child.type(i + "\n");
                    }
                } catch (IOException e) {
                    // The child is gone.
                }
            });
            typist.start();
            acknowledged = new ArrayList<>(child.lines(200));
            child.kill();
            acknowledged.addAll(child.rest());
            typist.join();
        }
        // The kill may have cut the last acknowledgement short.
        acknowledged.removeIf(line -> !line.matches("x \\d+ \\(position \\d+\\)"));
        assertThat(acknowledged).hasSizeGreaterThanOrEqualTo(200);
        assertThat(cli.run("stream", "read", "x").lines()).hasSizeGreaterThanOrEqualTo(acknowledged.size());
        String next = cli.ok("stream", "append", "x", "--data", "0");
        List<String> stored = new ArrayList<>(cli.run("stream", "read", "x").lines());
        assertThat(next).startsWith("x " + stored.size() + " ");
        assertThat(stored.remove(stored.size() - 1)).isEqualTo("0");
        assertThat(stored)
                .isEqualTo(IntStream.rangeClosed(1, stored.size())
                        .mapToObj(Integer::toString)
                        .toList());
        assertThat(cli.run("verify").status()).isZero();
    }

    @Test
    void tailFollowsAnotherProcessAndSaysWhereToGoOn() throws Exception {
        cli.ok("stream", "append", "x", "--data", "1");
        try (Child tail = cli.start("stream", "tail", "x", "--since", "0");
                Child writer = cli.start("stream", "append", "x", "-")) {
            assertThat(tail.line()).isEqualTo("1");
            for (int i = 2; i <= 20; i++) {
                writer.type(i + "\n");
                assertThat(tail.line()).isEqualTo(Integer.toString(i));
            }
            tail.terminate();
            assertThat(tail.status()).isEqualTo(128 + 15);
            assertThat(tail.err()).isEqualTo("resume with: daybook stream tail x --since 20\n");
            writer.type("21\n22\n");
            assertThat(writer.lines(21).get(20)).startsWith("x 22 ");
            writer.endInput();
            assertThat(writer.status()).isZero();
        }
        try (Child tail = cli.start("stream", "tail", "x", "--since", "20")) {
            assertThat(tail.lines(2)).containsExactly("21", "22");
            cli.ok("stream", "close", "x");
            assertThat(tail.rest()).isEmpty();
            assertThat(tail.status()).isZero();
            assertThat(tail.err()).isEmpty();
        }
    }

    @Test
    void tailWithoutSinceBeginsAtTheEnd() throws Exception {
        cli.okWithInput("1\n2\n3\n", "stream", "append", "x", "-");
        try (Child tail = cli.start("stream", "tail", "x")) {
            // It prints nothing by which to see that it has begun; so write until it has.
            int next = 4;
            while (tail.process.isAlive() && !hasLine(tail)) {
                cli.ok("stream", "append", "x", "--data", Integer.toString(next++));
            }
            assertThat(Integer.parseInt(first)).isGreaterThanOrEqualTo(4);
            tail.terminate();
            assertThat(tail.err()).startsWith("resume with: daybook stream tail x --since ");
        }
    }

    private String first = "";

    private boolean hasLine(Child tail) throws InterruptedException {
        String line = tail.lineWithin(50);
        if (line != null) {
            first = line;
        }
        return line != null;
    }

    @Test
    void writersOfEightProcessesTakeTurns() throws Exception {
        int processes = 8;
        int events = 50;
        StringBuilder lines = new StringBuilder();
        for (int i = 1; i <= events; i++) {
            lines.append(i).append('\n');
        }
        List<Child> children = new ArrayList<>();
        try {
            for (int i = 0; i < processes; i++) {
                // All into one stream and each into one of its own: the order within each is checked below.
                children.add(cli.start("stream", "append", "p/" + i, "-"));
            }
            for (Child child : children) {
                child.type(lines.toString());
                child.endInput();
            }
            for (Child child : children) {
                assertThat(child.rest()).hasSize(events);
                assertThat(child.status()).as(child.err()).isZero();
            }
        } finally {
            children.forEach(Child::close);
        }
        for (int i = 0; i < processes; i++) {
            assertThat(cli.ok("stream", "read", "p/" + i)).isEqualTo(lines.toString());
        }
        assertThat(cli.ok("stats", "--json")).contains("\"streams\":8,\"events\":400,");
        assertThat(cli.run("verify").status()).isZero();
    }

    @Test
    void readerThatHasSeenEnoughEndsTheCommandQuietly() throws Exception {
        StringBuilder lines = new StringBuilder();
        for (int i = 1; i <= 20_000; i++) {
            lines.append("{\"n\":")
                    .append(i)
                    .append(",\"padding\":\"")
                    .append("x".repeat(50))
                    .append("\"}\n");
        }
        cli.okWithInput(lines.toString(), "stream", "append", "x", "-");
        Process read = cli.process("stream", "read", "x").start();
        byte[] start = read.getInputStream().readNBytes(10);
        read.getInputStream().close();
        assertThat(new String(start, StandardCharsets.UTF_8)).isEqualTo("{\"n\":1,\"pa");
        assertThat(read.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(read.exitValue()).isZero();
        assertThat(new String(read.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEmpty();
    }

    @Test
    void argumentsSurviveTheLocaleOfContainers() throws Exception {
        ProcessBuilder builder = cli.process("stream", "append", "chats/müller", "--data", "{\"a\":\"東?ü\"}");
        builder.environment().put("LC_ALL", "C");
        // This test's own JVM may run in that locale, too; a shell passes bytes on as they are.
        Path script = Files.write(
                folder.resolve("script"),
                String.join(" ", builder.command().stream().map(Shell::quote).toList())
                        .getBytes(StandardCharsets.UTF_8));
        builder.command("sh", script.toString());
        try (Child child = new Child(builder.start())) {
            assertThat(child.line()).startsWith("chats/müller 1 ");
            assertThat(child.status()).isZero();
        }
        assertThat(cli.ok("stream", "read", "chats/müller")).isEqualTo("{\"a\":\"東?ü\"}\n");
    }

    @Test
    void progressIsForTerminalsOnly() throws Exception {
        cli.ok("stream", "append", "x", "--data", "1");
        try (Child child = cli.start("verify")) {
            assertThat(child.rest()).hasSize(1);
            assertThat(child.err()).isEmpty();
        }
    }

    @Test
    void demoLosesNothing() throws Exception {
        Cli demo = new Cli(folder.resolve("demo"));
        Result result = demo.run("demo", "--store", demo.store().toString());
        assertThat(result.status()).as(result.out() + result.err()).isZero();
        assertThat(result.out())
                .contains("closed cleanly            no")
                .contains("ok  all 40 events are there")
                .contains("kill -9")
                .doesNotContain("BAD")
                .doesNotContain("\033");
        String run = demo.run("stream", "list", "runs", "--json")
                .out()
                .replaceAll("(?s).*?\"stream\":\"(runs/[^\"]+)\".*", "$1");
        assertThat(demo.run("stream", "read", run).lines())
                .isEqualTo(IntStream.rangeClosed(1, DemoRun.EVENTS)
                        .mapToObj(DemoRun::data)
                        .toList());
        assertThat(demo.run("verify").status()).isZero();
        assertThat(demo.run("demo", "--store", demo.store().toString()).status())
                .isEqualTo(4);
    }
}
