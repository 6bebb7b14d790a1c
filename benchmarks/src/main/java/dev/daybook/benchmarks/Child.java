package dev.daybook.benchmarks;

import dev.daybook.Daybook;
import dev.daybook.Durability;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.sqlite.JDBC;

/**
 * What has to be done in a process of its own: opening, because a first opening also loads classes and native
 * libraries, and dying, because nothing else leaves a store as a killed writer does. A child answers with lines of
 * {@code name=number}.
 */
final class Child {
    private static final int LAST_EVENTS = 100;

    /**
     * What a child answered.
     *
     * @param wallMillis from starting the process to its first answer
     */
    record Answer(Map<String, Double> values, double wallMillis) {
        double value(String name) {
            Double value = values.get(name);
            if (value == null) {
                throw new IllegalStateException("the child did not say " + name + ": " + values);
            }
            return value;
        }
    }

    private Child() {}

    static Answer run(String... arguments) throws IOException, InterruptedException {
        return run(List.of(), arguments);
    }

    /** Runs a child, below another command if one is given. */
    static Answer run(List<String> below, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(below);
        command.add(java());
        command.addAll(List.of("-cp", classPath(), Child.class.getName()));
        command.addAll(List.of(arguments));
        long start = System.nanoTime();
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Map<String, Double> values = new HashMap<>();
        double wallMillis = 0;
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (values.isEmpty()) {
                    wallMillis = (System.nanoTime() - start) / 1e6;
                }
                int equals = line.indexOf('=');
                values.put(line.substring(0, equals), Double.valueOf(line.substring(equals + 1)));
            }
        }
        int status = process.waitFor();
        if (status != 0) {
            throw new IOException("child %s ended with status %d".formatted(List.of(arguments), status));
        }
        return new Answer(values, wallMillis);
    }

    /**
     * Our classes, the store and SQLite, and nothing else: with SLF4J on the class path SQLite's driver finds it and
     * takes 20 ms longer to open, and a peer is to be shown at its best.
     */
    private static String classPath() {
        return Stream.of(Child.class, Daybook.class, JDBC.class)
                .map(Child::origin)
                .distinct()
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** Where a class came from: a jar, or a folder of classes. */
    static String origin(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    public static void main(String[] args) throws Exception {
        long start = System.nanoTime();
        Path dir = Path.of(args[1]);
        switch (args[0]) {
            case "open-daybook" -> openDaybook(start, dir, args[2], false);
            case "heap-daybook" -> openDaybook(start, dir, args[2], true);
            case "open-sqlite" -> openSqlite(start, dir, args[2]);
            case "syncs" -> SyncCountBenchmark.workload(dir, Path.of(args[2]));
            default -> throw new IllegalArgumentException(args[0]);
        }
    }

    /**
     * Opens, asks for the newest event of all and of one stream, and dies in the middle of appending, so that the next
     * opening finds the same.
     */
    private static void openDaybook(long start, Path dir, String stream, boolean heap) throws Exception {
        Book book = Book.open(dir, Durability.SYNC);
        long lastPosition = book.lastPosition();
        long lastSeq = book.lastSeq(stream);
        answer("ms", (System.nanoTime() - start) / 1e6);
        answer("position", lastPosition);
        answer("seq", lastSeq);
        if (heap) {
            answer("events", book.events());
            answer("streams", book.streamCount());
            answer("heap", usedHeapBytes());
        }
        for (int i = 0; i < LAST_EVENTS; i++) {
            book.append(i);
        }
        for (int i = 0; i < LAST_EVENTS; i++) {
            var unused = book.appendAsync(i);
        }
        Runtime.getRuntime().halt(0);
    }

    private static void openSqlite(long start, Path dir, String stream) throws Exception {
        Sqlite sqlite = Sqlite.open(dir);
        long[] newest = sqlite.newest(stream);
        answer("ms", (System.nanoTime() - start) / 1e6);
        answer("position", newest[0]);
        answer("seq", newest[1]);
        // One transaction is done, one is under way; whole pages, so that the log has something in it.
        sqlite.appendWithoutCommit(0, 1_000_000_000L + newest[0], LAST_EVENTS);
        sqlite.commit();
        sqlite.appendWithoutCommit(0, 2_000_000_000L + newest[0], LAST_EVENTS);
        Runtime.getRuntime().halt(0);
    }

    /** What lives after collecting, with what was opened still in use. */
    private static long usedHeapBytes() throws InterruptedException {
        Runtime runtime = Runtime.getRuntime();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            System.gc();
            Thread.sleep(50);
            least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
        }
        return least;
    }

    static void answer(String name, double value) {
        PrintStream out = System.out;
        out.println(name + "=" + value);
        out.flush();
    }
}
