package dev.daybook.cli;

import dev.daybook.Daybook;
import dev.daybook.document.DocumentChange;
import dev.daybook.document.Documents;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** {@code doc watch}: follows documents that this or another process writes. */
final class DocWatch implements Command {

    @Override
    public Syntax syntax() {
        return Syntax.of("Follow documents: print each change as it is committed, by whatever process.")
                .detail("Begins now, or after --since. When it is stopped, it says on standard error how to go on from"
                        + " there.")
                .optional("PREFIX", "Only this key and those below it.")
                .option("--since", "POS", "Begin after this position of the journal; 0 for everything.")
                .example("daybook doc watch plans")
                .example("daybook doc watch --since 0 --json");
    }

    @Override
    public int run(Call call) throws InterruptedException {
        String given = call.arguments().parameter(0);
        String prefix = given == null ? "" : DocPut.withoutSlash(given);
        long since = call.arguments().number("--since", 0, -1);
        try (Daybook book = call.openForReading()) {
            long after = since >= 0 ? since : book.info().lastPosition();
            try (Documents.Watch watch = book.documents().watch(prefix, after)) {
                String again = "daybook doc watch" + (prefix.isEmpty() ? "" : " " + Shell.quote(prefix));
                new Follower<>(call, new Changes(call, watch), again, after).follow();
            }
        }
        return Exit.OK;
    }

    private record Changes(Call call, Documents.Watch watch) implements Follower.Feed<DocumentChange> {
        @Override
        public @Nullable DocumentChange poll() throws InterruptedException {
            return watch.poll(Duration.ZERO);
        }

        @Override
        public @Nullable DocumentChange take() throws InterruptedException {
            return watch.take();
        }

        @Override
        public long print(DocumentChange change, long last) {
            DocHistory.print(call, change, change.key() + " " + change.version());
            return change.pos();
        }

        @Override
        public void close() {
            watch.close();
        }
    }
}
