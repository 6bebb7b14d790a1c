package dev.daybook.cli;

import dev.daybook.Daybook;
import dev.daybook.StreamNotFoundException;
import dev.daybook.stream.Stream;

/** {@code stream delete}. */
final class StreamDelete implements Command {

    @Override
    public Syntax syntax() {
        return Syntax.of("Delete a stream. Its name can be used again, for another stream.")
                .required("NAME", "The stream.")
                .example("daybook stream delete chats/42");
    }

    @Override
    public int run(Call call) {
        try (Daybook book = call.openExistingForWriting()) {
            Stream stream = book.stream(call.arguments().required(0));
            if (!stream.delete()) {
                throw new StreamNotFoundException(stream.name());
            }
            call.print(Json.object().field("stream", stream.name()).field("deleted", true), stream.name() + " deleted");
        }
        return Exit.OK;
    }
}
