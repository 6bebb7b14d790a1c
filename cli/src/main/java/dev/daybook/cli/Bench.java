package dev.daybook.cli;

import dev.daybook.Daybook;
import dev.daybook.stream.Appended;
import dev.daybook.stream.Event;
import dev.daybook.stream.NewEvent;
import dev.daybook.stream.ReadOptions;
import dev.daybook.stream.Stream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** {@code bench}: what this disk can do, and what the store makes of it, measured in turns so that both see the same weather. */
final class Bench implements Command {
    private static final int EVENT_BYTES = 312;
    private static final int PREPARED_BYTES = 8 << 20;
    private static final int WRITERS = 64;
    private static final int ROUNDS = 2;
    private static final long DEFAULT_SECONDS = 10;

    @Override
    public Syntax syntax() {
        return Syntax.of("Measure this machine's disk and this store on it, side by side.")
                .detail("Events of " + EVENT_BYTES + " bytes, each on stable storage before it counts. Works in a"
                        + " temporary directory next to the store and removes it.")
                .option("--seconds", "N", "How long in all; default: " + DEFAULT_SECONDS + ".")
                .example("daybook bench")
                .example("daybook bench --seconds 60 --store /mnt/fast/agents");
    }

    @Override
    public int run(Call call) throws Exception {
        long seconds = call.arguments().number("--seconds", 1, DEFAULT_SECONDS);
        Path beside = call.store().toAbsolutePath().getParent();
        while (beside != null && !Files.isDirectory(beside)) {
            beside = beside.getParent();
        }
        Path directory = beside == null
                ? Files.createTempDirectory("daybook-bench-")
                : Files.createTempDirectory(beside, "daybook-bench-");
        Thread cleaner =
                new Thread(() -> delete(directory), "bench-cleaner"); // also after an interrupt from the keyboard
        Runtime.getRuntime().addShutdownHook(cleaner);
        try {
            measure(call, directory, seconds);
        } finally {
            delete(directory);
            Runtime.getRuntime().removeShutdownHook(cleaner);
        }
        return Exit.OK;
    }

    /** Latencies of one case, over all rounds. */
    private static final class Case {
        final String name;
        private long[] nanos = new long[1 << 12];
        private int count;
        private long elapsedNanos;

        Case(String name) {
            this.name = name;
        }

        synchronized void add(long[] latencies, int number) {
            if (count + number > nanos.length) {
                nanos = Arrays.copyOf(nanos, Math.max(2 * nanos.length, count + number));
            }
            System.arraycopy(latencies, 0, nanos, count, number);
            count += number;
        }

        void took(long time) {
            elapsedNanos += time;
        }

        double perSecond() {
            return count * 1e9 / Math.max(1, elapsedNanos);
        }

        double micros(double share) {
            return count == 0 ? 0 : nanos[Math.min(count - 1, (int) (count * share))] / 1e3;
        }

        void sort() {
            Arrays.sort(nanos, 0, count);
        }
    }

    private static void measure(Call call, Path directory, long seconds) throws Exception {
        Case prepared = new Case("disk: write and sync, prepared file");
        Case growing = new Case("disk: write and sync, growing file");
        Case one = new Case("store: 1 writer");
        Case many = new Case("store: " + WRITERS + " writers");
        Case flying = new Case("store: 1 writer, " + WRITERS + " in flight");
        List<Case> cases = List.of(prepared, growing, one, many, flying);
        long nanos = seconds * 1_000_000_000L / ROUNDS / cases.size();
        try (Daybook book = Daybook.open(directory.resolve("store"))) {
            NewEvent event = event(book);
            for (int round = 0; round < ROUNDS; round++) {
                call.messages().progress("measuring").at(round, ROUNDS);
                disk(prepared, directory.resolve("prepared-" + round), true, nanos);
                writers(one, book, event, 1, nanos);
                disk(growing, directory.resolve("growing-" + round), false, nanos);
                writers(many, book, event, WRITERS, nanos);
                inFlight(flying, book.stream("bench/flying"), event, nanos);
            }
            call.messages().progress("measuring").at(ROUNDS, ROUNDS);
        }
        Table table = new Table("CASE", ">EVENTS/S", ">P50 us", ">P99 us", ">x DISK");
        for (Case c : cases) {
            c.sort();
            double ratio = c.perSecond() / Math.max(1e-9, prepared.perSecond());
            if (call.json()) {
                call.out()
                        .line(Json.object()
                                .field("case", c.name)
                                .field("events", c.count)
                                .decimal("eventsPerSecond", c.perSecond())
                                .decimal("p50Micros", c.micros(0.5))
                                .decimal("p99Micros", c.micros(0.99))
                                .decimal("timesDisk", ratio)
                                .toString());
            }
            table.row(
                    c.name,
                    Long.toString(Math.round(c.perSecond())),
                    Long.toString(Math.round(c.micros(0.5))),
                    Long.toString(Math.round(c.micros(0.99))),
                    String.format("%.2f", ratio));
        }
        if (!call.json()) {
            table.print(call.out());
        }
    }

    /** An event whose line has about {@link #EVENT_BYTES} bytes. */
    private static NewEvent event(Daybook book) {
        Stream stream = book.stream("bench/warm");
        stream.append(NewEvent.json("bench", "\"\""));
        int bare = 0;
        for (Event event : stream.read(ReadOptions.newest(1))) {
            bare = event.line().length() + 1;
        }
        NewEvent event = NewEvent.json("bench", '"' + "x".repeat(Math.max(0, EVENT_BYTES - bare - 4)) + '"');
        for (int i = 0; i < 200; i++) {
            stream.append(event); // the first ones load classes
        }
        return event;
    }

    private static void disk(Case into, Path file, boolean prepared, long nanos) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            if (prepared) {
                byte[] spaces = new byte[PREPARED_BYTES];
                Arrays.fill(spaces, (byte) ' ');
                channel.write(ByteBuffer.wrap(spaces), 0);
                channel.force(true);
            }
            ByteBuffer line = ByteBuffer.allocateDirect(EVENT_BYTES);
            Latencies latencies = new Latencies();
            long start = System.nanoTime();
            long end = start + nanos;
            long at = 0;
            long now = start;
            while (now - end < 0) {
                line.clear();
                channel.write(line, at);
                channel.force(false);
                at += EVENT_BYTES;
                if (prepared && at + EVENT_BYTES > PREPARED_BYTES) {
                    at = 0;
                }
                long then = System.nanoTime();
                latencies.add(then - now);
                now = then;
            }
            into.took(now - start);
            latencies.into(into);
        }
    }

    private static void writers(Case into, Daybook book, NewEvent event, int count, long nanos) throws Exception {
        List<Thread> threads = new ArrayList<>();
        List<Throwable> failures = new ArrayList<>();
        long start = System.nanoTime();
        long end = start + nanos;
        for (int i = 0; i < count; i++) {
            Stream stream = book.stream("bench/" + i);
            Thread thread = new Thread(() -> {
                Latencies latencies = new Latencies();
                try {
                    for (long now = System.nanoTime(); now - end < 0; ) {
                        stream.append(event);
                        long then = System.nanoTime();
                        latencies.add(then - now);
                        now = then;
                    }
                } catch (RuntimeException e) {
                    synchronized (failures) {
                        failures.add(e);
                    }
                }
                latencies.into(into);
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        into.took(System.nanoTime() - start);
        if (!failures.isEmpty() && failures.get(0) instanceof RuntimeException e) {
            throw e;
        }
    }

    private static void inFlight(Case into, Stream stream, NewEvent event, long nanos) throws InterruptedException {
        record Sent(long nanos, CompletableFuture<Appended> future) {}
        ArrayDeque<Sent> sent = new ArrayDeque<>();
        Latencies latencies = new Latencies();
        long start = System.nanoTime();
        long end = start + nanos;
        while (System.nanoTime() - end < 0 || !sent.isEmpty()) {
            if (sent.size() < WRITERS && System.nanoTime() - end < 0) {
                sent.add(new Sent(System.nanoTime(), stream.appendAsync(event)));
                continue;
            }
            Sent oldest = sent.remove();
            try {
                oldest.future().get();
            } catch (ExecutionException e) {
                throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
            }
            latencies.add(System.nanoTime() - oldest.nanos());
        }
        into.took(System.nanoTime() - start);
        latencies.into(into);
    }

    /** One thread's measurements. */
    private static final class Latencies {
        private long[] nanos = new long[1 << 10];
        private int count;

        void add(long time) {
            if (count == nanos.length) {
                nanos = Arrays.copyOf(nanos, 2 * count);
            }
            nanos[count++] = time;
        }

        void into(Case sum) {
            sum.add(nanos, count);
        }
    }

    private static void delete(Path directory) {
        try {
            Files.walkFileTree(directory, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.deleteIfExists(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path folder, @org.jspecify.annotations.Nullable IOException e)
                        throws IOException {
                    Files.deleteIfExists(folder);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (NoSuchFileException e) {
            // Removed already.
        } catch (IOException e) {
            // What is left is a temporary directory that says what it is.
        }
    }
}
