package dev.daybook.cli;

import dev.daybook.Daybook;
import dev.daybook.StreamNotFoundException;
import dev.daybook.stream.Stream;

/** {@code stream close}. */
final class StreamClose implements Command {

    @Override
    public Syntax syntax() {
        return Syntax.of("Close a stream: no event can follow, and followers end.")
                .required("NAME", "The stream.")
                .example("daybook stream close runs/7");
    }

    @Override
    public int run(Call call) {
        try (Daybook book = call.openExistingForWriting()) {
            Stream stream = book.stream(call.arguments().required(0));
            if (stream.info().isEmpty()) {
                throw new StreamNotFoundException(stream.name());
            }
            stream.close();
            call.print(Json.object().field("stream", stream.name()).field("closed", true), stream.name() + " closed");
        }
        return Exit.OK;
    }
}
