package dev.daybook.testkit;

import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.Freshness;
import dev.daybook.stream.Event;
import dev.daybook.stream.NewEvent;
import dev.daybook.view.ViewWriter;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;

/** Another process with a view: one that writes until it is killed, or one that reads what it is asked for. */
final class ViewProcess {
    private ViewProcess() {}

    /** @param args directory, {@code write} or {@code read} */
    public static void main(String[] args) throws IOException {
        if (args[1].equals("write")) {
            write(Path.of(args[0]));
        } else {
            read(Path.of(args[0]));
        }
    }

    private static void write(Path store) {
        SplittableRandom random = new SplittableRandom();
        Daybook book = Daybook.open(store);
        book.views().register(new LatestView());
        while (true) {
            for (int i = 0; i < 20; i++) {
                book.stream("s/" + random.nextInt(300))
                        .appendAsync(NewEvent.json("t", "\"" + random.nextLong() + "\""));
            }
            book.stream("s/" + random.nextInt(300)).delete();
            System.out.println(LatestView.rows(book, Freshness.own()).size());
            System.out.flush();
        }
    }

    /** For each position that it is told: the row of the stream {@code told}. */
    private static void read(Path store) throws IOException {
        AtomicInteger folded = new AtomicInteger();
        try (Daybook book = Daybook.open(store, DaybookOptions.defaults().withReadOnly(true));
                BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            book.views().register(new LatestView() {
                @Override
                public void event(Event event, ViewWriter tables) {
                    folded.incrementAndGet();
                    super.event(event, tables);
                }
            });
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                System.out.println(LatestView.rows(book, Freshness.at(Long.parseLong(line)))
                        .get("told"));
                System.out.flush();
            }
        }
        System.out.println("folded " + folded);
    }
}
