package dev.daybook.benchmarks;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Measures contestants in turn, round after round, so that a disk or a machine that changes its mood changes it for
 * all of them. Each measurement gets an empty directory beside the others', which is gone before the next one begins.
 * Who goes first changes with the round.
 */
final class Rounds {
    /** One contestant's turn. */
    interface Turn {
        Figure take(Path emptyDirectory, double seconds) throws Exception;
    }

    private static final double WARM_UP_SECONDS = 1;

    private final Bench bench;
    private final Map<String, Turn> turns = new LinkedHashMap<>();

    Rounds(Bench bench) {
        this.bench = bench;
    }

    /** Adds a peer, or the raw loop. */
    Rounds peer(String name, Turn turn) {
        turns.put(name, turn);
        return this;
    }

    /** Adds the store, in one of its ways of being used; left out when only peers are measured. */
    Rounds store(String name, Turn turn) {
        if (!bench.settings().peersOnly()) {
            turns.put(name, turn);
        }
        return this;
    }

    Results run() throws Exception {
        List<String> names = List.copyOf(turns.keySet());
        Map<String, List<Figure>> figures = new LinkedHashMap<>();
        for (String name : names) {
            figures.put(name, new ArrayList<>());
            take(name, Math.min(WARM_UP_SECONDS, bench.settings().seconds())); // for the compiler; not counted
        }
        for (int round = 0; round < bench.settings().rounds(); round++) {
            for (int i = 0; i < names.size(); i++) {
                String name = names.get((i + round) % names.size());
                Figure figure = take(name, bench.settings().seconds());
                figures.get(name).add(figure);
                bench.progress("round %d  %s  %s".formatted(round + 1, name, Spread.number(figure.value())));
            }
        }
        return new Results(figures);
    }

    private Figure take(String name, double seconds) throws Exception {
        Path dir = bench.settings().dir().resolve("turn");
        Trees.delete(dir);
        Files.createDirectories(dir);
        System.gc(); // so that nobody pays for another's garbage
        try {
            return turns.get(name).take(dir, seconds);
        } finally {
            Trees.delete(dir);
            settle(bench.settings().dir());
        }
    }

    /** Lets the file system finish with what was deleted, which would otherwise slow down the next one's syncs. */
    private static void settle(Path dir) throws IOException {
        try (FileChannel channel = FileChannel.open(dir, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** What the rounds gave. */
    record Results(Map<String, List<Figure>> figures) {

        boolean has(String name) {
            return figures.containsKey(name);
        }

        /** One contestant's value over another's, round by round. */
        Spread ratio(String name, String other) {
            return ratio(name, other, Figure::value);
        }

        Spread ratio(String name, String other, ToDoubleFunction<Figure> of) {
            List<Figure> above = figures.get(name);
            List<Figure> below = figures.get(other);
            double[] ratios = new double[above.size()];
            for (int i = 0; i < ratios.length; i++) {
                ratios[i] = of.applyAsDouble(above.get(i)) / of.applyAsDouble(below.get(i));
            }
            return Spread.of(ratios);
        }

        Spread values(String name) {
            return values(name, Figure::value);
        }

        Spread values(String name, ToDoubleFunction<Figure> of) {
            return Spread.of(figures.get(name).stream().mapToDouble(of).toArray());
        }

        /** The median rate. */
        String rate(String name) {
            return Spread.number(values(name).median()) + "/s";
        }

        /** The median rate, with the median p50 and p99 of single operations. */
        String rateAndTimes(String name) {
            return "%s p50 %s p99 %s us"
                    .formatted(
                            rate(name),
                            Spread.number(
                                    values(name, f -> f.percentileMicros(50)).median()),
                            Spread.number(
                                    values(name, f -> f.percentileMicros(99)).median()));
        }
    }
}
