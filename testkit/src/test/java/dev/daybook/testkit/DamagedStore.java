package dev.daybook.testkit;

import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.driver.filesystem.FilesystemDriver;
import dev.daybook.stream.Event;
import dev.daybook.stream.NewEvent;
import dev.daybook.stream.ReadOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;

/** A store on a simulated disk, to be damaged in copies; and what was acknowledged in it. */
final class DamagedStore {
    static final Path DIRECTORY = Path.of("/sim/data");

    final SimulatedDisk disk = new SimulatedDisk(1);
    final DaybookOptions options;
    final TreeMap<Long, String> acknowledged = new TreeMap<>(); // position to payload

    /** @param clean whether its writer closes it; otherwise it is killed */
    DamagedStore(long segmentBytesMax, int events, int payloadBytes, boolean clean) throws IOException {
        options = DaybookOptions.defaults().withSegmentBytesMax(segmentBytesMax).withClock(ManualClock.evening());
        disk.createDirectories(DIRECTORY.getParent());
        Daybook book = open(disk);
        for (int i = 0; i < events; i++) {
            String payload = "\"" + i + "-" + "abcdefghij".repeat(payloadBytes / 10) + "\"";
            acknowledged.put(
                    book.stream("s/" + i % 3)
                            .append(NewEvent.json("t", payload))
                            .pos(),
                    payload);
        }
        if (clean) {
            book.close();
            disk.kill();
        } else {
            disk.kill();
            try {
                book.close();
            } catch (RuntimeException | SimulatedCrash e) {
                // it is dead
            }
        }
    }

    Daybook open(SimulatedDisk on) {
        return Daybook.open(new FilesystemDriver(DIRECTORY, on.process()), options);
    }

    static Map<Long, String> read(Daybook book) {
        Map<Long, String> found = new TreeMap<>();
        for (Event event : book.read("", ReadOptions.all())) {
            found.put(event.pos(), event.data());
        }
        return found;
    }

    List<Path> files(String suffix) {
        return disk.files().stream().filter(p -> p.toString().endsWith(suffix)).toList();
    }

    Path newestSegment() {
        List<Path> segments = files(".jsonl");
        return segments.get(segments.size() - 1);
    }

    /** For each number of bytes of a segment: the highest position that a whole line in them says was synced; else 0. */
    static long[] synced(byte[] segment) {
        long[] highest = new long[segment.length + 1];
        String text = new String(segment, StandardCharsets.ISO_8859_1);
        int from = 0;
        for (int lf = text.indexOf('\n'); lf >= 0; lf = text.indexOf('\n', from)) {
            int at = text.indexOf("\"synced\":", from);
            long synced = highest[from];
            if (text.startsWith("{\"pos\":", from) && at > 0 && at < lf) {
                synced = Math.max(synced, Long.parseLong(text.substring(at + 9, text.indexOf(',', at))));
            }
            Arrays.fill(highest, lf + 1, highest.length, synced);
            from = lf + 1;
        }
        return highest;
    }

    /** Does something for 0, 1, ..., count - 1 on two threads; what it returns is a complaint, or null. */
    static List<String> forEach(int count, IntFunction<String> check) throws InterruptedException {
        AtomicInteger next = new AtomicInteger();
        ConcurrentLinkedQueue<String> complaints = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 2; t++) {
            Thread thread = new Thread(() -> {
                for (int i = next.getAndIncrement(); i < count && complaints.size() < 10; i = next.getAndIncrement()) {
                    try {
                        String complaint = check.apply(i);
                        if (complaint != null) {
                            complaints.add(i + ": " + complaint);
                        }
                    } catch (RuntimeException | Error e) {
                        java.io.StringWriter trace = new java.io.StringWriter();
                        e.printStackTrace(new java.io.PrintWriter(trace));
                        complaints.add(i + ": " + trace);
                    }
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        return List.copyOf(complaints);
    }
}
