package dev.daybook.benchmarks;

import dev.daybook.Durability;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;

/** The command line's reading commands as processes, beside a hello world on the same library. */
final class CommandLineBenchmark {
    private static final int RUNS = 21;
    private static final String HELLO = "picocli hello";

    private final Bench bench;

    CommandLineBenchmark(Bench bench) {
        this.bench = bench;
    }

    void run() throws Exception {
        Map<String, List<String>> commands = new LinkedHashMap<>();
        List<String> hello = List.of(
                Child.java(),
                "-cp",
                Child.origin(CommandLine.class) + File.pathSeparator + Child.origin(HelloPicocli.class),
                HelloPicocli.class.getName());
        commands.put(HELLO, hello);
        if (!bench.settings().peersOnly()) {
            Path launcher = bench.settings().project().resolve("daybook");
            if (!Files.isExecutable(launcher)) {
                bench.add(Row.skipped("command line", "there is no " + launcher));
                return;
            }
            Path store = bench.daybookStore(bench.settings().events());
            Book.open(store, Durability.SYNC).close(); // an earlier benchmark may have killed its writer
            String stream = Workload.streamName(42);
            commands.put(
                    "stream info", List.of(launcher.toString(), "stream", "info", stream, "--store", store.toString()));
            commands.put(
                    "stream read, 20 events",
                    List.of(
                            launcher.toString(),
                            "stream",
                            "read",
                            stream,
                            "--limit",
                            "20",
                            "--store",
                            store.toString()));
        }
        Map<String, double[]> millis = new LinkedHashMap<>();
        for (Map.Entry<String, List<String>> command : commands.entrySet()) {
            millis.put(command.getKey(), new double[RUNS]);
            millis(command.getValue()); // the launcher may build first
        }
        for (int run = 0; run < RUNS; run++) {
            for (Map.Entry<String, List<String>> command : commands.entrySet()) {
                millis.get(command.getKey())[run] = millis(command.getValue());
            }
        }
        Spread base = Spread.of(millis.get(HELLO));
        for (Map.Entry<String, double[]> command : millis.entrySet()) {
            if (command.getKey().equals(HELLO)) {
                continue;
            }
            double[] ratios = new double[RUNS];
            Arrays.setAll(ratios, i -> command.getValue()[i] / millis.get(HELLO)[i]);
            bench.add(Row.atMost(
                    "daybook %s : %s".formatted(command.getKey(), HELLO),
                    1.0,
                    Spread.of(ratios),
                    "daybook %s ms, hello %s ms"
                            .formatted(Spread.of(command.getValue()).asNumber(), base.asNumber())));
        }
        if (bench.settings().peersOnly()) {
            bench.add(Row.info("command line", "", HELLO + " " + base.asNumber() + " ms"));
        }
    }

    private static double millis(List<String> command) throws IOException, InterruptedException {
        long start = System.nanoTime();
        Process process = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        int status = process.waitFor();
        double millis = (System.nanoTime() - start) / 1e6;
        if (status != 0) {
            throw new IOException("%s ended with status %d".formatted(command, status));
        }
        return millis;
    }
}
