package dev.daybook.cli;

import dev.daybook.Daybook;
import dev.daybook.StreamNotFoundException;
import dev.daybook.stream.Event;
import dev.daybook.stream.Gap;
import dev.daybook.stream.Item;
import dev.daybook.stream.Stream;
import dev.daybook.stream.StreamInfo;
import dev.daybook.stream.Subscription;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** {@code stream tail}: follows a stream that this or another process writes. */
final class StreamTail implements Command {
    private static final long STOP_SECONDS = 2;

    @Override
    public Syntax syntax() {
        return Syntax.of("Follow a stream: print its events as they are committed, by whatever process.")
                .detail(
                        "Begins at the stream's end, or after --since. Ends when the stream is closed and everything was"
                                + " printed. When it is stopped, it says on standard error how to go on from there.")
                .required("NAME", "The stream.")
                .option("--since", "SEQ", "Begin after this sequence number; 0 for everything.")
                .example("daybook stream tail runs/7")
                .example("daybook stream tail runs/7 --since 0 --json");
    }

    @Override
    public int run(Call call) throws InterruptedException {
        long since = call.arguments().number("--since", 0, -1);
        try (Daybook book = call.openForReading()) {
            Stream stream = book.stream(call.arguments().required(0));
            Optional<StreamInfo> info = stream.info();
            if (info.isEmpty()) {
                throw new StreamNotFoundException(stream.name());
            }
            // Not subscribeLive(): the hint has to name a number also when nothing arrives.
            long after = since >= 0 ? since : info.get().lastSeq();
            try (Subscription events = stream.subscribe(after)) {
                Follower follower = new Follower(call, stream.name(), events, after);
                follower.follow();
            }
        }
        return Exit.OK;
    }

    /** Prints what arrives, and on SIGINT or SIGTERM where to go on. */
    private static final class Follower extends Thread {
        private final Call call;
        private final String name;
        private final Subscription events;
        private final CountDownLatch done = new CountDownLatch(1);
        private volatile long printedSeq; // everything up to here has been handed to standard output
        private volatile boolean stopped;

        Follower(Call call, String name, Subscription events, long after) {
            super("resume-hint");
            this.call = call;
            this.name = name;
            this.events = events;
            this.printedSeq = after;
        }

        void follow() throws InterruptedException {
            Runtime.getRuntime().addShutdownHook(this);
            try {
                long seq = printedSeq;
                while (!stopped) {
                    Item item = events.poll(Duration.ZERO);
                    if (item == null) {
                        call.out().flush();
                        printedSeq = seq;
                        item = events.take();
                        if (item == null) {
                            break;
                        }
                    }
                    seq = print(item, seq);
                }
                call.out().flush();
                printedSeq = seq;
            } finally {
                done.countDown();
                forget();
            }
        }

        private long print(Item item, long seq) {
            if (item instanceof Gap gap) {
                call.messages().say("daybook: " + describe(gap));
                // After a deletion numbers begin again.
                return gap.reason() == Gap.Reason.DELETED ? 0 : Math.max(seq, gap.toSeq());
            }
            Event event = (Event) item;
            StreamRead.print(call, event);
            return event.seq();
        }

        private static String describe(Gap gap) {
            if (gap.reason() == Gap.Reason.DELETED) {
                return "stream " + gap.stream() + " was deleted"
                        + (gap.toSeq() < gap.fromSeq()
                                ? ""
                                : "; events " + gap.fromSeq() + " to " + gap.toSeq() + " are gone");
            }
            return "events " + gap.fromSeq() + " to " + gap.toSeq() + " of stream " + gap.stream() + " were truncated";
        }

        private void forget() {
            try {
                Runtime.getRuntime().removeShutdownHook(this);
            } catch (IllegalStateException e) {
                // Shutting down already: then it is running.
            }
        }

        /** The shutdown hook: lets the printing thread finish its line, so that the number is right. */
        @Override
        public void run() {
            stopped = true;
            events.close();
            try {
                done.await(STOP_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            String store = call.arguments().option("--store");
            call.messages()
                    .say("resume with: daybook stream tail " + Shell.quote(name) + " --since " + printedSeq
                            + (store == null ? "" : " --store " + Shell.quote(store))
                            + (call.json() ? " --json" : ""));
        }
    }
}
