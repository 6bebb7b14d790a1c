package dev.daybook.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Opening large stores, each time in a fresh JVM, each time after a writer that was killed. */
final class OpenBenchmarks {
    private static final String SQLITE = "sqlite";
    private static final String STORE = "daybook";
    private static final String SMALLER = "daybook, fewer events";
    private static final int EVENTS_EACH = 5;
    private static final double MEBIBYTE = 1 << 20;

    private final Bench bench;
    private final int many;
    private final int fewer;

    OpenBenchmarks(Bench bench) {
        this.bench = bench;
        this.many = bench.settings().manyEvents();
        this.fewer = bench.settings().events();
    }

    void open() throws Exception {
        List<Double> walls = new ArrayList<>();
        Path sqliteDir = bench.sqliteStore(many);
        String stream = Workload.streamName(42);
        // The warm-up of the rounds is the first child, which leaves the store as a killed writer does.
        Rounds rounds = new Rounds(bench).peer(SQLITE, (dir, seconds) -> {
            Child.Answer answer = Child.run("open-sqlite", sqliteDir.toString(), stream);
            require(SQLITE, answer, many);
            return Figure.of(answer.value("ms"));
        });
        if (!bench.settings().peersOnly()) {
            Path manyDir = bench.killedDaybookStore(many);
            Path fewerDir = bench.killedDaybookStore(fewer);
            rounds.store(STORE, (dir, seconds) -> {
                Child.Answer answer = Child.run("open-daybook", manyDir.toString(), stream);
                require(STORE, answer, many);
                walls.add(answer.wallMillis());
                return Figure.of(answer.value("ms"));
            });
            rounds.store(SMALLER, (dir, seconds) -> {
                Child.Answer answer = Child.run("open-daybook", fewerDir.toString(), stream);
                require(SMALLER, answer, fewer);
                return Figure.of(answer.value("ms"));
            });
        }
        Rounds.Results results = rounds.run();
        String what = "open after kill, %,d events".formatted(many);
        String peers = "sqlite %s ms".formatted(results.values(SQLITE).asNumber());
        if (!results.has(STORE)) {
            bench.add(Row.info(what, "", peers));
            return;
        }
        String own = "daybook %s ms (with the JVM's own start %s)"
                .formatted(
                        results.values(STORE).asNumber(),
                        Spread.number(
                                Spread.of(walls.stream().mapToDouble(d -> d).toArray())
                                        .median()));
        bench.add(Row.atMost(what + " : SQLite", 1.0, results.ratio(STORE, SQLITE), own + ", " + peers));
        bench.add(Row.atMost(
                what + " : %,d events".formatted(fewer),
                1.2,
                results.ratio(STORE, SMALLER),
                "daybook with fewer %s ms".formatted(results.values(SMALLER).asNumber())));
    }

    private static void require(String who, Child.Answer answer, long events) {
        if (answer.value("position") < events || answer.value("seq") < events / Workload.STREAMS) {
            throw new IllegalStateException("%s opened with too little: %s".formatted(who, answer));
        }
    }

    void openWithoutDerivedFiles() throws Exception {
        if (bench.settings().peersOnly()) {
            return;
        }
        Path dir = bench.killedDaybookStore(many);
        String stream = Workload.streamName(42);
        List<Double> rates = new ArrayList<>();
        List<Double> heaps = new ArrayList<>();
        List<Double> times = new ArrayList<>();
        int deleted = 0;
        Child.run("open-daybook", dir.toString(), stream); // leaves a killed writer's store
        for (int round = 0; round < bench.settings().rounds(); round++) {
            Child.Answer plain = Child.run("heap-daybook", dir.toString(), stream);
            deleted = Book.deleteDerivedFiles(dir);
            Child.Answer rebuilt = Child.run("heap-daybook", dir.toString(), stream);
            if (rebuilt.value("events") < plain.value("events")) {
                throw new IllegalStateException("rebuilt from the journal, fewer events: " + plain + " " + rebuilt);
            }
            times.add(rebuilt.value("ms"));
            rates.add(rebuilt.value("events") / rebuilt.value("ms") * 1_000);
            heaps.add((rebuilt.value("heap") - plain.value("heap")) / rebuilt.value("events"));
            bench.progress("round %d  %s events/s".formatted(round + 1, Spread.number(rates.get(round))));
        }
        String what = "open with every derived file deleted, %,d events".formatted(many);
        bench.add(Row.atLeast(
                what,
                4_000_000,
                "events/s",
                spread(rates),
                "%s ms, %d files deleted".formatted(spread(times).asNumber(), deleted)));
        bench.add(Row.atMost(
                what + ", heap", 16, "bytes/event", spread(heaps), "after collecting, beyond a plain opening's"));
    }

    void manyStreams() throws Exception {
        if (bench.settings().peersOnly()) {
            return;
        }
        int streams = bench.settings().manyStreams();
        Path dir = bench.manyStreamsStore(streams, EVENTS_EACH);
        String stream = Book.manyStreamName(streams / 2);
        List<Double> seconds = new ArrayList<>();
        List<Double> heaps = new ArrayList<>();
        Child.run("open-daybook", dir.toString(), stream); // leaves a killed writer's store
        for (int round = 0; round < bench.settings().rounds(); round++) {
            Child.Answer answer = Child.run("heap-daybook", dir.toString(), stream);
            if (answer.value("streams") < streams || answer.value("seq") != EVENTS_EACH) {
                throw new IllegalStateException("opened with too little: " + answer);
            }
            seconds.add(answer.value("ms") / 1_000);
            heaps.add(answer.value("heap") / MEBIBYTE);
        }
        String what = "%,d streams of %d events, open after kill".formatted(streams, EVENTS_EACH);
        bench.add(Row.atMost(what, 3, "s", spread(seconds), ""));
        bench.add(Row.atMost(what + ", heap", 400, "MB", spread(heaps), "after collecting"));
    }

    private static Spread spread(List<Double> values) {
        return Spread.of(values.stream().mapToDouble(d -> d).toArray());
    }
}
