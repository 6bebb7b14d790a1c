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
import org.jspecify.annotations.Nullable;

/** {@code stream tail}: follows a stream that this or another process writes. */
final class StreamTail implements Command {
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
                String again = "daybook stream tail " + Shell.quote(stream.name());
                new Follower<>(call, new Events(call, events), again, after).follow();
            }
        }
        return Exit.OK;
    }

    private record Events(Call call, Subscription events) implements Follower.Feed<Item> {
        @Override
        public @Nullable Item poll() throws InterruptedException {
            return events.poll(Duration.ZERO);
        }

        @Override
        public @Nullable Item take() throws InterruptedException {
            return events.take();
        }

        @Override
        public long print(Item item, long seq) {
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

        @Override
        public void close() {
            events.close();
        }
    }
}
