package dev.daybook.cli;

import dev.daybook.Daybook;
import dev.daybook.StreamNotFoundException;
import dev.daybook.stream.Stream;

/** {@code stream truncate}. */
final class StreamTruncate implements Command {

    @Override
    public Syntax syntax() {
        return Syntax.of("Remove a stream's oldest events. Sequence numbers go on; none is given out twice.")
                .required("NAME", "The stream.")
                .option("--before", "SEQ", "Remove events with a lower sequence number.")
                .option("--keep", "N", "Remove all but the newest N.")
                .example("daybook stream truncate chats/42 --keep 100")
                .example("daybook stream truncate chats/42 --before 17");
    }

    @Override
    public int run(Call call) {
        Arguments arguments = call.arguments();
        if (arguments.flag("--before") == arguments.flag("--keep")) {
            throw Failure.usage("give either --before SEQ or --keep N");
        }
        long before = arguments.number("--before", 1, 0);
        long keep = arguments.number("--keep", 0, 0);
        try (Daybook book = call.openExistingForWriting()) {
            Stream stream = book.stream(arguments.required(0));
            if (stream.info().isEmpty()) {
                throw new StreamNotFoundException(stream.name());
            }
            long removed = before > 0 ? stream.truncateBefore(before) : stream.keepNewest(keep);
            call.print(
                    Json.object().field("stream", stream.name()).field("removed", removed),
                    stream.name() + ": " + Counts.of(removed, "event") + " removed");
        }
        return Exit.OK;
    }
}
