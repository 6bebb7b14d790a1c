package dev.daybook.benchmarks;

import dev.daybook.Daybook;
import dev.daybook.document.Condition;
import dev.daybook.document.Document;
import dev.daybook.document.Documents;
import dev.daybook.stream.NewEvent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Documents beside plain streams: puts with and without a condition, and reading one value. */
final class DocumentBenchmark {
    private static final String APPEND = "append";
    private static final String PUT = "put";
    private static final String SWAP = "compare-and-set";
    private static final int KEYS_PER_WRITER = 16;
    private static final int GETS = 100; // between two looks at the clock

    private final Bench bench;

    DocumentBenchmark(Bench bench) {
        this.bench = bench;
    }

    /** One write to a place that belongs to the writer; returns its number there. */
    private interface Write {
        long to(Daybook book, String place, String json, long last);
    }

    void run() throws Exception {
        if (bench.settings().peersOnly()) {
            return;
        }
        writes(1);
        writes(64);
        gets();
    }

    private void writes(int writers) throws Exception {
        Rounds.Results results = new Rounds(bench)
                .store(
                        APPEND,
                        (dir, seconds) -> writes(
                                dir,
                                seconds,
                                writers,
                                (book, place, json, last) -> book.stream(place)
                                        .append(NewEvent.json("put", json))
                                        .seq()))
                .store(
                        PUT,
                        (dir, seconds) -> writes(
                                dir,
                                seconds,
                                writers,
                                (book, place, json, last) -> book.documents().put(place, json)))
                .store(
                        SWAP,
                        (dir, seconds) -> writes(
                                dir,
                                seconds,
                                writers,
                                (book, place, json, last) ->
                                        book.documents().put(place, json, Condition.ifVersion(last))))
                .run();
        String figures = "put %s, compare-and-set %s, append %s"
                .formatted(results.rateAndTimes(PUT), results.rateAndTimes(SWAP), results.rateAndTimes(APPEND));
        String who = writers == 1 ? ", 1 writer" : ", " + writers + " writers";
        bench.add(Row.atLeast("document put : plain append" + who, 0.9, results.ratio(PUT, APPEND), figures));
        bench.add(Row.atLeast(
                "document compare-and-set : plain append" + who, 0.9, results.ratio(SWAP, APPEND), "the same"));
    }

    private static Figure writes(Path dir, double seconds, int writers, Write write) throws Exception {
        long[][] numbers = new long[writers][KEYS_PER_WRITER];
        try (Daybook book = Daybook.open(dir)) {
            Figure figure = Writers.run(writers, 1, seconds, (writer, event) -> {
                int key = (int) (event / writers % KEYS_PER_WRITER);
                String json = new String(Workload.payload(event), StandardCharsets.US_ASCII);
                String place = "plans/" + writer + "/" + key;
                numbers[writer][key] = write.to(book, place, json, numbers[writer][key]);
            });
            long written = 0;
            for (long[] mine : numbers) {
                for (long number : mine) {
                    written += number;
                }
            }
            if (written != figure.operations() || book.info().events() != written) {
                throw new IllegalStateException(
                        "%d writes were acknowledged, the last versions add up to %d, %d are there"
                                .formatted(
                                        figure.operations(),
                                        written,
                                        book.info().events()));
            }
            return figure;
        }
    }

    private void gets() throws Exception {
        Rounds.Results results =
                new Rounds(bench).store("get", DocumentBenchmark::gets).run();
        bench.add(Row.atMost("document get, warm", 5, "us", results.values("get"), "1,000 keys of 311 bytes, in turn"));
    }

    private static Figure gets(Path dir, double seconds) throws Exception {
        try (Daybook book = Daybook.open(dir)) {
            Documents documents = book.documents();
            for (int i = 0; i < 1_000; i++) {
                documents.put("plans/" + i, new String(Workload.payload(i), StandardCharsets.US_ASCII));
            }
            Figure figure = Writers.run(1, GETS, seconds, (writer, event) -> {
                for (int i = 0; i < GETS; i++) {
                    Document document =
                            documents.get("plans/" + (event + i) % 1_000).orElseThrow();
                    if (document.data().length() != Workload.PAYLOAD_BYTES) {
                        throw new IllegalStateException("another value: " + document);
                    }
                }
            });
            return Figure.of(1e6 / figure.value());
        }
    }
}
