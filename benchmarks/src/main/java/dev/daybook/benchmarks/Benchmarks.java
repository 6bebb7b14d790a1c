package dev.daybook.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Measures the store and its peers in turns and prints one table; see the module's README.md. Exits with 1 when a goal
 * is missed, 2 on a usage error, 3 when a benchmark failed to run.
 */
public final class Benchmarks {
    private interface Runner {
        void run() throws Exception;
    }

    private Benchmarks() {}

    public static void main(String[] args) throws Exception {
        Settings settings;
        Map<String, Runner> all;
        Bench bench;
        try {
            if (List.of(args).contains("--help")) {
                System.out.println(Settings.USAGE);
                return;
            }
            boolean list = List.of(args).contains("--list");
            settings = Settings.parse(list ? new String[0] : args);
            bench = new Bench(settings);
            all = benchmarks(bench);
            if (list) {
                all.keySet().forEach(System.out::println);
                return;
            }
            for (String name : settings.names()) {
                if (!all.containsKey(name)) {
                    throw new IllegalArgumentException("no benchmark " + name + "; there are " + all.keySet());
                }
            }
        } catch (IllegalArgumentException e) {
            System.err.println("benchmarks: " + e.getMessage());
            System.err.println(Settings.USAGE);
            System.exit(2);
            return;
        }
        System.exit(run(bench, all));
    }

    private static Map<String, Runner> benchmarks(Bench bench) {
        AppendBenchmarks append = new AppendBenchmarks(bench);
        ReadBenchmarks read = new ReadBenchmarks(bench);
        OpenBenchmarks open = new OpenBenchmarks(bench);
        Map<String, Runner> all = new LinkedHashMap<>();
        all.put("append-1", append::oneWriter);
        all.put("append-64", append::manyWriters);
        all.put("batch-64", append::batches);
        all.put("buffered", append::buffered);
        all.put("documents", new DocumentBenchmark(bench)::run);
        all.put("live", new LiveBenchmarks(bench)::run);
        all.put("syncs", new SyncCountBenchmark(bench)::run);
        all.put("replay", read::replay);
        all.put("one-stream", read::oneStream);
        all.put("views", new ViewBenchmarks(bench)::run);
        all.put("text", new TextBenchmark(bench)::run);
        all.put("lag", new LagBenchmark(bench)::run);
        all.put("cli", new CommandLineBenchmark(bench)::run);
        all.put("open", open::open);
        all.put("open-rebuild", open::openWithoutDerivedFiles);
        RunBenchmarks runs = new RunBenchmarks(bench);
        all.put("steps", runs::steps);
        all.put("runs-64", runs::runs);
        all.put("run-queries", new RunQueryBenchmark(bench)::run);
        all.put("crowded", append::crowded);
        all.put("million-streams", open::manyStreams);
        return all;
    }

    private static int run(Bench bench, Map<String, Runner> all) throws IOException {
        Settings settings = bench.settings();
        Files.createDirectories(settings.dir());
        String machine = machine(settings);
        Set<String> names = settings.names().isEmpty() ? all.keySet() : new LinkedHashSet<>(settings.names());
        int failed = 0;
        long start = System.nanoTime();
        try {
            for (String name : names) {
                System.err.println(name + "  (load " + load() + ")");
                try {
                    all.get(name).run();
                } catch (Exception | LinkageError e) {
                    // One benchmark that cannot run does not take the others' figures away; it is not a pass either.
                    failed++;
                    e.printStackTrace();
                    bench.add(new Row(name, "", "did not run", String.valueOf(e), Row.Verdict.FAIL));
                }
            }
        } finally {
            for (String name : settings.keep() ? new String[] {"turn", "probe", "syncs"} : new String[] {""}) {
                Trees.delete(settings.dir().resolve(name));
            }
        }
        System.out.println(machine);
        System.out.printf(
                Locale.ROOT,
                "%d rounds of %s s each, 312-byte events; %.1f minutes; load average at the end %s%n%n",
                settings.rounds(),
                Spread.number(settings.seconds()),
                (System.nanoTime() - start) / 60e9,
                load());
        print(bench.rows());
        boolean missed = bench.rows().stream().anyMatch(row -> row.verdict() == Row.Verdict.FAIL);
        return failed > 0 ? 3 : missed ? 1 : 0;
    }

    private static String machine(Settings settings) throws IOException {
        Runtime runtime = Runtime.getRuntime();
        return "%s: %d cores, %s %s, %s %s, heap up to %d MB, %s; load average before %s"
                .formatted(
                        Instant.now().truncatedTo(ChronoUnit.SECONDS),
                        runtime.availableProcessors(),
                        System.getProperty("os.name"),
                        System.getProperty("os.version"),
                        System.getProperty("java.vm.name"),
                        System.getProperty("java.vm.version"),
                        runtime.maxMemory() >> 20,
                        Files.getFileStore(settings.dir()).type(),
                        load());
    }

    private static String load() throws IOException {
        Path file = Path.of("/proc/loadavg");
        if (Files.exists(file)) {
            String[] parts = Files.readString(file).split(" ");
            return parts[0] + " " + parts[1] + " " + parts[2];
        }
        return String.valueOf(ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    }

    private static void print(List<Row> rows) {
        List<String[]> cells = new ArrayList<>();
        cells.add(new String[] {"what", "must reach", "measured", "figures (medians)", "result"});
        for (Row row : rows) {
            cells.add(new String[] {
                row.what(),
                row.must(),
                row.measured(),
                row.figures(),
                row.verdict().toString()
            });
        }
        int columns = cells.get(0).length;
        int[] widths = new int[columns];
        for (String[] row : cells) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], row[i].length());
            }
        }
        for (int r = 0; r < cells.size(); r++) {
            StringBuilder line = new StringBuilder("|");
            for (int i = 0; i < columns; i++) {
                String cell = cells.get(r)[i];
                line.append(' ')
                        .append(cell)
                        .append(" ".repeat(widths[i] - cell.length()))
                        .append(" |");
            }
            System.out.println(line);
            if (r == 0) {
                StringBuilder rule = new StringBuilder("|");
                for (int width : widths) {
                    rule.append(' ').append("-".repeat(width)).append(" |");
                }
                System.out.println(rule);
            }
        }
    }
}
