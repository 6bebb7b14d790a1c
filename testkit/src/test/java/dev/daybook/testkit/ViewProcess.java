package dev.daybook.testkit;

import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.Freshness;
import dev.daybook.Progress;
import dev.daybook.StoreFailedException;
import dev.daybook.ViewBehindException;
import dev.daybook.stream.Event;
import dev.daybook.stream.NewEvent;
import dev.daybook.view.ViewWriter;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;

/** Another process with a view: one that writes or rebuilds until it is killed, one that fills the disk, or one that reads what it is asked for. */
final class ViewProcess {
    private ViewProcess() {}

    /** @param args directory, {@code write}, {@code rebuild}, {@code fill} or {@code read} */
    public static void main(String[] args) throws IOException {
        Path store = Path.of(args[0]);
        switch (args[1]) {
            case "write" -> write(store);
            case "rebuild" -> rebuild(store);
            case "fill" -> fill(store);
            default -> read(store);
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

    /** Tells of lines that are folded, so that it is killed in the middle of that. */
    private static void rebuild(Path store) {
        Daybook book = Daybook.open(store);
        AtomicInteger folded = new AtomicInteger();
        book.stream("s/0").append(NewEvent.json("t", "0"));
        book.views().register(new LatestView() {
            @Override
            public void event(Event event, ViewWriter tables) {
                super.event(event, tables);
                System.out.println(folded.incrementAndGet());
                System.out.flush();
            }
        });
        while (true) {
            book.views().rebuild(LatestView.NAME, Progress.NONE);
        }
    }

    /** Writes until the view finds no room, shows that nothing else minds, and waits for room. */
    private static void fill(Path store) throws IOException {
        String large = "\"" + "x".repeat(64 << 10) + "\"";
        int events = 0;
        try (Daybook book = Daybook.open(store, DaybookOptions.defaults().withSegmentBytesMax(1 << 20))) {
            book.views().register(new LatestView());
            ViewBehindException behind = null;
            while (behind == null) {
                book.stream("s/" + events++).append(NewEvent.json("t", large));
                try {
                    LatestView.rows(book, Freshness.own().within(Duration.ofSeconds(1)));
                } catch (ViewBehindException e) {
                    behind = e;
                }
            }
            require(behind.getMessage().contains("tried again every second"), behind.getMessage());
            require(LatestView.rows(book, Freshness.any()).size() >= events / 2, "it does not answer");
            for (int i = 0; i < 50; i++) {
                book.stream("s/" + events++).append(NewEvent.json("t", large));
            }
            try {
                book.views().rebuild(LatestView.NAME, Progress.NONE);
                require(false, "there is room");
            } catch (StoreFailedException e) {
                // There is none for a second file either.
            }
            System.out.println("no room");
            System.out.flush();
            System.in.read();
            require(
                    LatestView.rows(book, Freshness.own().within(Duration.ofSeconds(60)))
                            .equals(LatestView.expected(book)),
                    "the view is wrong");
            require(LatestView.expected(book).size() == events, "the journal is wrong");
        }
        System.out.println("right");
    }

    private static void require(boolean met, String otherwise) {
        if (!met) {
            throw new IllegalStateException(otherwise);
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
