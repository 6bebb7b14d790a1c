package dev.daybook.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What the command line asks for.
 *
 * @param rounds how often each contestant is measured; ratios are taken per round
 * @param seconds how long one measurement of a rate lasts
 * @param events events of the stores that are read (2,000,000)
 * @param manyEvents events of the stores that are opened (10,000,000)
 * @param manyStreams streams of the store with many streams (1,000,000)
 * @param peersOnly measure the peers alone, for a look at the machine
 * @param keep leave the built stores for the next run
 * @param dir where data goes, a directory of our own; every contestant lives below it, so that all use one file system
 * @param project the project's folder, where the command line's launcher is
 * @param names which benchmarks; empty for all
 */
record Settings(
        int rounds,
        double seconds,
        int events,
        int manyEvents,
        int manyStreams,
        boolean peersOnly,
        boolean keep,
        Path dir,
        Path project,
        List<String> names) {

    static final String USAGE = """
            usage: benchmarks/run [name ...] [--rounds 5] [--seconds 2] [--quick] [--peers] [--dir DIR] [--keep] [--list]
              --rounds N    alternating rounds; the table shows the median of their ratios
              --seconds S   length of one measurement of a rate
              --quick       one short round with small stores: shows that everything runs, its figures mean nothing
              --peers       measures the peers and the raw loops alone
              --dir DIR     where data goes (default benchmarks/target/data); what is made there is deleted afterwards
              --keep        keeps the big stores in DIR and uses those it finds there
              --list        names of the benchmarks""";

    static Settings parse(String[] args) {
        Path project = Path.of(System.getProperty("daybook.project", "."))
                .toAbsolutePath()
                .normalize();
        int rounds = 5;
        double seconds = 2;
        boolean quick = false;
        boolean peersOnly = false;
        boolean keep = false;
        Path dir = project.resolve("benchmarks/target/data");
        List<String> names = new ArrayList<>();
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--rounds" -> rounds = Integer.parseInt(value(args, ++i));
                case "--seconds" -> seconds = Double.parseDouble(value(args, ++i));
                case "--dir" -> dir = Path.of(value(args, ++i)).toAbsolutePath();
                case "--quick" -> quick = true;
                case "--peers" -> peersOnly = true;
                case "--keep" -> keep = true;
                default -> {
                    if (args[i].startsWith("-")) {
                        throw new IllegalArgumentException("unknown option " + args[i]);
                    }
                    names.add(args[i]);
                }
            }
        }
        dir = dir.resolve("daybook-benchmarks"); // what is deleted afterwards is never somebody else's
        if (rounds < 1 || seconds <= 0) {
            throw new IllegalArgumentException("--rounds is at least 1, --seconds more than 0");
        }
        if (quick) {
            return new Settings(1, 0.3, 100_000, 300_000, 20_000, peersOnly, keep, dir, project, names);
        }
        return new Settings(rounds, seconds, 2_000_000, 10_000_000, 1_000_000, peersOnly, keep, dir, project, names);
    }

    private static String value(String[] args, int i) {
        if (i >= args.length) {
            throw new IllegalArgumentException(args[i - 1] + " needs a value");
        }
        return args[i];
    }
}
