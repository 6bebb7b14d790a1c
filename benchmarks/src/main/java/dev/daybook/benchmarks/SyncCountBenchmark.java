package dev.daybook.benchmarks;

import dev.daybook.Durability;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * That fast is not unsynced: as many syncs of the open segment, counted by {@code strace}, as there were commit
 * groups. A child does the work; it also syncs a file of its own between the phases, which marks them in the trace.
 */
final class SyncCountBenchmark {
    private static final int BLOCKING_APPENDS = 300;
    private static final int BATCHES = 100;
    private static final int WRITERS = 16;
    private static final int APPENDS_PER_WRITER = 50;

    private static final Pattern SYNC = Pattern.compile("\\bf(?:data)?sync\\((\\d+)<([^>]*)>");

    private final Bench bench;

    SyncCountBenchmark(Bench bench) {
        this.bench = bench;
    }

    private record Phase(String name, int appends, boolean appendsAreGroups) {}

    private static final List<Phase> PHASES = List.of(
            new Phase("1 writer", BLOCKING_APPENDS, true),
            new Phase("batches of 64", BATCHES, true),
            new Phase(WRITERS + " writers", WRITERS * APPENDS_PER_WRITER, false));

    void run() throws Exception {
        if (bench.settings().peersOnly()) {
            return;
        }
        String what = "syncs of the segment = commit groups";
        if (!straceWorks()) {
            bench.add(Row.skipped(what, "no strace here, or it may not trace"));
            return;
        }
        Path made = bench.settings().dir().resolve("syncs");
        Trees.delete(made);
        Path dir = Files.createDirectories(made).toRealPath(); // strace names files as the kernel does
        Path marker = dir.resolve("marker");
        Path trace = dir.resolve("trace");
        List<String> strace =
                List.of("strace", "-f", "-y", "-s", "0", "-e", "trace=fdatasync,fsync", "-o", trace.toString());
        Child.Answer answer = Child.run(strace, "syncs", dir.resolve("store").toString(), marker.toString());
        List<Integer> syncs = syncsBetweenMarkers(Files.readAllLines(trace), marker);
        for (int i = 0; i < PHASES.size(); i++) {
            Phase phase = PHASES.get(i);
            int groups = (int) answer.value("groups" + i);
            // One blocking writer cannot share a group: there the store's own count is checked as well.
            boolean right = syncs.get(i) == groups && (!phase.appendsAreGroups() || groups == phase.appends());
            bench.add(new Row(
                    what + ", " + phase.name(),
                    "equal",
                    "%d = %d".formatted(syncs.get(i), groups),
                    "%d appends".formatted(phase.appends()),
                    Row.verdict(right)));
        }
        Trees.delete(dir);
    }

    private static boolean straceWorks() throws InterruptedException {
        try {
            return new ProcessBuilder("strace", "-f", "-o", "/dev/null", Child.java(), "-version")
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Per phase, the syncs of segments through the descriptor that commits. Space is prepared through another
     * descriptor of the same file, which syncs far less often.
     */
    private static List<Integer> syncsBetweenMarkers(List<String> trace, Path marker) {
        List<Integer> perPhase = new ArrayList<>();
        Map<String, Map<String, Integer>> byFileAndDescriptor = new HashMap<>();
        boolean begun = false;
        for (String line : trace) {
            Matcher sync = SYNC.matcher(line);
            if (!sync.find()) {
                continue;
            }
            String descriptor = sync.group(1);
            String file = sync.group(2);
            if (file.equals(marker.toString())) {
                if (begun) {
                    perPhase.add(byFileAndDescriptor.values().stream()
                            .mapToInt(counts -> counts.values().stream()
                                    .mapToInt(Integer::intValue)
                                    .max()
                                    .orElse(0))
                            .sum());
                }
                begun = true;
                byFileAndDescriptor.clear();
            } else if (file.endsWith(".jsonl")) {
                byFileAndDescriptor.computeIfAbsent(file, f -> new HashMap<>()).merge(descriptor, 1, Integer::sum);
            }
        }
        if (perPhase.size() != PHASES.size()) {
            throw new IllegalStateException(
                    "the trace has %d phases, not %d".formatted(perPhase.size(), PHASES.size()));
        }
        return perPhase;
    }

    /** In the child. */
    static void workload(Path dir, Path markerFile) throws Exception {
        try (Book book = Book.open(dir, Durability.SYNC);
                FileChannel marker =
                        FileChannel.open(markerFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            for (int i = 0; i < Workload.STREAMS; i++) {
                book.append(i); // streams are there, space is prepared
            }
            long before = mark(book, marker);
            for (int i = 0; i < BLOCKING_APPENDS; i++) {
                book.append(i);
            }
            long afterBlocking = mark(book, marker);
            for (int i = 0; i < BATCHES; i++) {
                book.appendBatch((long) i * AppendBenchmarks.BATCH, AppendBenchmarks.BATCH);
            }
            long afterBatches = mark(book, marker);
            List<Thread> writers = new ArrayList<>();
            for (int w = 0; w < WRITERS; w++) {
                int first = w;
                Thread writer = new Thread(() -> {
                    for (int i = 0; i < APPENDS_PER_WRITER; i++) {
                        book.append(first + i * WRITERS);
                    }
                });
                writers.add(writer);
                writer.start();
            }
            for (Thread writer : writers) {
                writer.join();
            }
            long afterWriters = mark(book, marker);
            Child.answer("groups0", afterBlocking - before);
            Child.answer("groups1", afterBatches - afterBlocking);
            Child.answer("groups2", afterWriters - afterBatches);
        }
    }

    private static long mark(Book book, FileChannel marker) throws IOException {
        marker.write(ByteBuffer.wrap(new byte[] {'.'}));
        marker.force(false);
        return book.commitGroups();
    }
}
