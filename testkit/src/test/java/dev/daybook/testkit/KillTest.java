package dev.daybook.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.daybook.Daybook;
import dev.daybook.OpenReport;
import dev.daybook.Progress;
import dev.daybook.stream.Event;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real process is killed with {@code kill -9}, again and again, on one store. Only what it acknowledged before counts. */
@Timeout(180)
class KillTest {
    private static final int CYCLES = Integer.getInteger("cycles", 50);

    @TempDir
    Path directory;

    @Test
    void acknowledgedEventsSurviveKill() throws Exception {
        Path store = directory.resolve("data");
        SplittableRandom random = new SplittableRandom(Long.getLong("seed", System.nanoTime()));
        Map<String, String[]> acknowledged = new HashMap<>();
        long checked = 0;
        int cuts = 0;
        for (int cycle = 0; cycle < CYCLES; cycle++) {
            int threads = cycle % 2 == 0 ? 1 : 4;
            List<String> lines = run(store, cycle, threads, 1 + random.nextInt(60));
            for (String line : lines) {
                String[] parts = line.split(" ");
                acknowledged.put(parts[0], parts);
            }
            try (Daybook book = Daybook.open(store)) {
                OpenReport report = book.openReport();
                assertThat(report.created()).isFalse();
                cuts += report.cut().isPresent() ? 1 : 0;
                checked += check(book, acknowledged, cycle, threads);
            }
        }
        assertThat(Daybook.verify(store, Progress.NONE).problems()).isEmpty();
        System.out.println("kill -9: cycles=" + CYCLES + " acknowledged=" + acknowledged.size() + " checked=" + checked
                + " cuts=" + cuts + " lost=0");
    }

    private static List<String> run(Path store, int cycle, int threads, int count) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-Xshare:auto",
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        KillWriter.class.getName(),
                        store.toString(),
                        Integer.toString(cycle),
                        Integer.toString(threads))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        List<String> lines = new ArrayList<>();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            while (lines.size() < count) {
                String line = out.readLine();
                assertThat(line)
                        .as("the writer ended by itself in cycle " + cycle)
                        .isNotNull();
                lines.add(line);
            }
            process.destroyForcibly();
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        }
        return lines;
    }

    private static long check(Daybook book, Map<String, String[]> acknowledged, int cycle, int threads) {
        Map<String, List<Event>> stored = new HashMap<>();
        long seq = 0;
        for (Event event : book.stream("all").read()) {
            assertThat(event.seq()).isEqualTo(++seq);
            stored.computeIfAbsent(event.data().replace("\"", ""), d -> new ArrayList<>())
                    .add(event);
        }
        for (int t = 0; t < threads; t++) {
            int i = 0;
            for (Event event : book.stream("w/" + cycle + "-" + t).read()) {
                String payload = cycle + "-" + t + "-" + i++;
                assertThat(event.data()).isEqualTo("\"" + payload + "\"");
                assertThat(event.seq()).isEqualTo(i);
                assertThat(stored)
                        .as("the batch of " + payload + " is there in part")
                        .containsKey(payload);
                String[] told = acknowledged.get(payload);
                if (told != null) {
                    assertThat(event.pos()).isEqualTo(Long.parseLong(told[2]));
                }
            }
        }
        for (String[] told : acknowledged.values()) {
            List<Event> events = stored.get(told[0]);
            assertThat(events)
                    .as("acknowledged and lost: " + String.join(" ", told))
                    .hasSize(1);
            assertThat(events.get(0).seq()).isEqualTo(Long.parseLong(told[3]));
        }
        return acknowledged.size();
    }
}
