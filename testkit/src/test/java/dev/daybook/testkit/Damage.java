package dev.daybook.testkit;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** What a bad disk does to a store that is closed. */
final class Damage {

    /** From one byte to another, the line feed not included. */
    private record Line(int from, int to) {}

    private Damage() {}

    /**
     * Flips a bit of a line that the segment itself says was durable, and perhaps deletes what is derived: the journal must know by
     * itself (I5). Returns whether there was such a line.
     */
    static boolean flip(SimulatedDisk disk, Path segment, SplittableRandom random, CrashReport report) {
        List<Line> lines = durableLines(new String(disk.bytes(segment), StandardCharsets.ISO_8859_1));
        if (lines.isEmpty()) {
            return false;
        }
        Line line = lines.get(random.nextInt(lines.size()));
        int at = line.from + random.nextInt(line.to - line.from);
        disk.flip(segment, at, random.nextInt(8));
        report.note("flipped a bit of byte " + at + " of " + segment);
        if (random.nextBoolean()) {
            disk.files().stream()
                    .filter(p -> !p.startsWith(segment.getParent()) && !p.endsWith("store.json"))
                    .forEach(disk::remove);
            report.note("deleted what is derived");
        }
        return true;
    }

    private static List<Line> durableLines(String text) {
        long synced = 0;
        for (int at = text.indexOf("\"synced\":"); at >= 0; at = text.indexOf("\"synced\":", at + 1)) {
            int end = text.indexOf(',', at);
            if (end > at && text.indexOf('\n', at) > 0) {
                synced = Math.max(synced, Long.parseLong(text.substring(at + 9, end)));
            }
        }
        List<Line> lines = new ArrayList<>();
        int from = 0;
        for (int lf = text.indexOf('\n'); lf >= 0; lf = text.indexOf('\n', from)) {
            if (text.startsWith("{\"pos\":", from)) {
                long pos = Long.parseLong(text.substring(from + 7, text.indexOf(',', from)));
                if (pos <= synced) {
                    lines.add(new Line(from, lf));
                }
            }
            from = lf + 1;
        }
        return lines;
    }
}
