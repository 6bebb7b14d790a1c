package dev.daybook.cli;

import dev.daybook.Daybook;
import dev.daybook.run.RunEvents;
import dev.daybook.run.RunInfo;
import dev.daybook.run.RunRef;
import dev.daybook.run.RunStatus;
import dev.daybook.stream.Event;
import dev.daybook.stream.Item;
import dev.daybook.stream.Subscription;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** {@code run tail}: follows a run that this or another process works on, to its end. */
final class RunTail implements Command {

    @Override
    public Syntax syntax() {
        return Syntax.of("Follow a run to its end: print what happens as it is committed, by whatever process.")
                .detail("Begins with the run, or after --since. Ends when the run has ended: with exit status 0 when it"
                        + " was completed, else 1. When it is stopped, it says on standard error how to go on.")
                .required("RUN", "The run; the beginning of its id, when that is enough.")
                .option("--since", "SEQ", "Begin after this number of an event.")
                .example("daybook run tail 01JD3M")
                .example("daybook run tail 01JD3M --json | jq .type");
    }

    @Override
    public int run(Call call) throws InterruptedException {
        long since = call.arguments().number("--since", 0, 0);
        try (Daybook book = call.openForReading()) {
            RunRef run = RunWords.find(book, call.arguments().required(0));
            RunInfo info = run.info();
            boolean all = book.stream("runs/" + run.id())
                    .info()
                    .map(stream -> since >= stream.lastSeq())
                    .orElse(true);
            try (Subscription events = run.subscribe(since)) {
                Following following = new Following(call, events);
                following.status = all ? info.status() : RunStatus.UNKNOWN;
                new Follower<>(call, following, "daybook run tail " + Shell.quote(run.id()), since).follow();
                return following.status == RunStatus.COMPLETED ? Exit.OK : Exit.CONDITION_NOT_MET;
            }
        }
    }

    private static final class Following implements Follower.Feed<Event> {
        private final Call call;
        private final Subscription events;
        RunStatus status = RunStatus.UNKNOWN; // as far as it was read

        Following(Call call, Subscription events) {
            this.call = call;
            this.events = events;
        }

        @Override
        public @Nullable Event poll() throws InterruptedException {
            return event(events.poll(Duration.ZERO));
        }

        @Override
        public @Nullable Event take() throws InterruptedException {
            return status.ended() ? null : event(events.take());
        }

        /** Events of a run are never truncated; a gap means that it was deleted. */
        private static @Nullable Event event(@Nullable Item item) {
            return item instanceof Event event ? event : null;
        }

        @Override
        public long print(Event event, long last) {
            status = RunEvents.status(event).orElse(status);
            call.out()
                    .line(
                            call.json()
                                    ? event.line()
                                    : Times.format(event.time()) + " " + event.type() + " " + event.data());
            return event.seq();
        }

        @Override
        public void close() {
            events.close();
        }
    }
}
