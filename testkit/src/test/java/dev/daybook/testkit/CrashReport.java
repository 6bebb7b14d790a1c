package dev.daybook.testkit;

import dev.daybook.testkit.Violation.Kind;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** What happened in one crash run, to be told when the store does not keep a promise. Thread-safe. */
final class CrashReport {
    private final long seed;
    private final SimulatedDisk disk;
    private final StringBuilder history = new StringBuilder();

    CrashReport(long seed, SimulatedDisk disk) {
        this.seed = seed;
        this.disk = disk;
    }

    synchronized void note(String what) {
        history.append("  ").append(what).append('\n');
    }

    void check(boolean condition, Kind kind, String what) {
        if (!condition) {
            throw violation(kind, what, null);
        }
    }

    synchronized Violation violation(Kind kind, String what, Throwable cause) {
        String message = "seed " + seed + " (-Dseed=" + seed + " replays it): " + kind + ": " + what + "\n" + history;
        return new Violation(kind, message + journal(), cause);
    }

    /** The journal as it is now, without filler. */
    private String journal() {
        StringBuilder text = new StringBuilder();
        for (Path file : disk.files()) {
            text.append("  ").append(file).append('\n');
            if (file.toString().endsWith(".jsonl")) {
                new String(disk.bytes(file), StandardCharsets.ISO_8859_1)
                        .lines()
                        .map(l -> l.replaceAll("x{4,}", "x")
                                .replaceAll(" {4,}", "  ")
                                .replace("\0", "0"))
                        .forEach(l -> text.append("    ").append(l).append('\n'));
            }
        }
        return text.toString();
    }

    static String text(Throwable e) {
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root == e ? e.toString() : e + " <- " + root;
    }

    static String threads() {
        StringBuilder text = new StringBuilder();
        Thread.getAllStackTraces().forEach((thread, trace) -> {
            text.append("    ").append(thread).append('\n');
            for (StackTraceElement frame : trace) {
                text.append("      at ").append(frame).append('\n');
            }
        });
        return text.toString();
    }
}
