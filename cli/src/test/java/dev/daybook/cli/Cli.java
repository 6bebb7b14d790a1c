package dev.daybook.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The command line on one store, in this process or in one of its own. */
final class Cli {
    private final Path store;
    private final Map<String, String> environment = new HashMap<>();

    Cli(Path store) {
        this.store = store;
        environment.put("DAYBOOK_STORE", store.toString());
    }

    Path store() {
        return store;
    }

    /** What a command did. */
    record Result(int status, String out, String err) {
        List<String> lines() {
            return out.lines().toList();
        }
    }

    Result run(String... args) {
        return runWithInput("", args);
    }

    Result runWithInput(String input, String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int status =
                Main.run(args, new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)), out, err, environment);
        return new Result(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** Runs what must succeed and returns what it printed. */
    String ok(String... args) {
        return succeeded(run(args)).out();
    }

    String okWithInput(String input, String... args) {
        return succeeded(runWithInput(input, args)).out();
    }

    private static Result succeeded(Result result) {
        if (result.status() != 0) {
            throw new AssertionError("exit status " + result.status() + ": " + result.err());
        }
        return result;
    }

    ProcessBuilder process(String... args) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("DAYBOOK_STORE", store.toString());
        return builder;
    }

    Child start(String... args) throws IOException {
        return new Child(process(args).start());
    }
}
