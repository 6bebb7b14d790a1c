package dev.daybook.cli;

import dev.daybook.Daybook;
import dev.daybook.stream.StreamInfo;
import java.util.List;

/** {@code stream list}. */
final class StreamList implements Command {
    private static final int DEFAULT_LIMIT = 20;

    @Override
    public Syntax syntax() {
        return Syntax.of("List streams, ordered by name.")
                .optional("PREFIX", "Only this stream and those below it: runs/1 has runs/1/a, but not runs/10.")
                .option("--limit", "N", "At most N streams; default: " + DEFAULT_LIMIT + ".")
                .option("--after", "NAME", "Only streams after this name: where the last list ended.")
                .example("daybook stream list")
                .example("daybook stream list runs --limit 100 --json");
    }

    @Override
    public int run(Call call) {
        Arguments arguments = call.arguments();
        String given = arguments.parameter(0);
        String prefix = given == null ? "" : given.endsWith("/") ? given.substring(0, given.length() - 1) : given;
        int limit = (int) Math.min(arguments.number("--limit", 1, DEFAULT_LIMIT), Integer.MAX_VALUE - 1);
        try (Daybook book = call.openForReading()) {
            List<StreamInfo> streams = book.streams(prefix, arguments.option("--after", ""), limit + 1);
            boolean more = streams.size() > limit;
            StreamShow.print(call, more ? streams.subList(0, limit) : streams);
            if (more) {
                call.out().flush();
                String last = streams.get(limit - 1).name();
                call.messages().say("daybook: there are more; go on with --after " + Shell.quote(last));
            }
        }
        return Exit.OK;
    }
}
