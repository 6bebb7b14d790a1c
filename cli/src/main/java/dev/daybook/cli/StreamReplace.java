package dev.daybook.cli;

import dev.daybook.Daybook;
import dev.daybook.DaybookOptions;
import dev.daybook.stream.NewEvent;
import java.util.ArrayList;
import java.util.List;

/** {@code stream replace}. */
final class StreamReplace implements Command {
    private static final int EVENTS_MAX = 10_000;
    private static final long BYTES_MAX = 64L << 20;
    private static final int READ_BYTES = 1 << 16;

    @Override
    public Syntax syntax() {
        return Syntax.of("Replace everything in a stream by the lines of standard input, in one step.")
                .detail("Every line is one JSON value; blank ones are skipped. Sequence numbers go on. All or nothing.")
                .required("NAME", "The stream.")
                .required("-", "Read JSON Lines from standard input.")
                .option("--type", "T", "The events' type; default: " + StreamAppend.DEFAULT_TYPE + ".")
                .example("daybook stream read chats/42 | ./shorten | daybook stream replace chats/42 -");
    }

    @Override
    public int run(Call call) throws Exception {
        Arguments arguments = call.arguments();
        if (!arguments.required(1).equals("-")) {
            throw Failure.usage("what follows NAME can only be -");
        }
        String type = arguments.option("--type", StreamAppend.DEFAULT_TYPE);
        List<NewEvent> events = new ArrayList<>();
        LineReader lines =
                new LineReader(call.in(), READ_BYTES, DaybookOptions.defaults().payloadBytesMax());
        long bytes = 0;
        try {
            for (byte[] line = lines.next(); line != null; line = lines.next()) {
                if (StreamAppend.isBlank(line)) {
                    continue;
                }
                events.add(NewEvent.json(type, line));
                bytes += line.length;
                if (events.size() > EVENTS_MAX || bytes > BYTES_MAX) {
                    throw Failure.usage(
                            "more than one batch can hold: " + EVENTS_MAX + " events, " + Table.bytes(BYTES_MAX));
                }
            }
        } catch (RuntimeException e) {
            throw new LineFailure(lines.number(), e);
        }
        try (Daybook book = call.openExistingForWriting()) {
            StreamAppend.acknowledge(call, book.stream(arguments.required(0)).replace(events));
        }
        return Exit.OK;
    }
}
