package dev.daybook.testkit;

import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.stream.Appended;
import dev.daybook.stream.Batch;
import dev.daybook.stream.NewEvent;
import java.nio.file.Path;
import java.util.List;

/** The process that {@link KillTest} kills: appends until it is dead, and says what was acknowledged. */
final class KillWriter {
    private KillWriter() {}

    /** @param args directory, cycle, number of threads */
    public static void main(String[] args) {
        String cycle = args[1];
        int threads = Integer.parseInt(args[2]);
        Daybook book = Daybook.open(Path.of(args[0]), DaybookOptions.defaults().withSegmentBytesMax(64 << 10));
        for (int t = 0; t < threads; t++) {
            String me = cycle + "-" + t;
            Thread thread = new Thread(() -> {
                for (int i = 0; ; i++) {
                    String payload = me + "-" + i;
                    List<Appended> appended = book.append(Batch.of()
                            .event("w/" + me, NewEvent.json("t", "\"" + payload + "\""))
                            .event("all", NewEvent.json("t", "\"" + payload + "\"")));
                    String line = payload + " " + appended.get(0).seq() + " "
                            + appended.get(0).pos() + " " + appended.get(1).seq() + "\n";
                    synchronized (System.out) {
                        System.out.print(line);
                        System.out.flush();
                    }
                }
            });
            thread.start();
        }
    }
}
