package dev.daybook.cli;

import dev.daybook.Daybook;
import dev.daybook.StreamNotFoundException;
import dev.daybook.stream.StreamInfo;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** {@code stream info}, and how streams look in lists. */
final class StreamShow implements Command {

    @Override
    public Syntax syntax() {
        return Syntax.of("Show what the store knows about a stream.")
                .required("NAME", "The stream.")
                .example("daybook stream info runs/7 --json");
    }

    @Override
    public int run(Call call) {
        try (Daybook book = call.openForReading()) {
            String name = call.arguments().required(0);
            Optional<StreamInfo> found = book.stream(name).info();
            if (found.isEmpty()) {
                throw new StreamNotFoundException(name);
            }
            StreamInfo info = found.get();
            if (call.json()) {
                call.out().line(json(info).toString());
                return Exit.OK;
            }
            Output out = call.out();
            out.line("stream        " + info.name());
            out.line("kind          " + info.kind().text());
            out.line("incarnation   " + info.incarnation());
            out.line("content type  " + info.config().contentType());
            out.line("events        " + info.count()
                    + (info.count() == 0 ? "" : " (" + info.firstSeq() + " to " + info.lastSeq() + ")"));
            out.line("last seq      " + info.lastSeq());
            out.line("bytes         " + info.bytes());
            out.line("created       " + Times.format(info.created()));
            out.line("oldest        " + time(info.oldest()));
            out.line("newest        " + time(info.newest()));
            out.line("closed        " + (info.closed() ? "yes" : "no"));
        }
        return Exit.OK;
    }

    static String time(Optional<Instant> time) {
        return time.isPresent() ? Times.format(time.get()) : "-";
    }

    static Json json(StreamInfo info) {
        return Json.object()
                .field("stream", info.name())
                .field("kind", info.kind().text())
                .field("incarnation", info.incarnation())
                .field("contentType", info.config().contentType())
                .field("firstSeq", info.firstSeq())
                .field("lastSeq", info.lastSeq())
                .field("count", info.count())
                .field("bytes", info.bytes())
                .field("created", Optional.of(info.created()))
                .field("oldest", info.oldest())
                .field("newest", info.newest())
                .field("closed", info.closed());
    }

    /** One object per stream, or a table. */
    static void print(Call call, List<StreamInfo> streams) {
        if (call.json()) {
            for (StreamInfo info : streams) {
                call.out().line(json(info).toString());
            }
            return;
        }
        Table table = new Table("STREAM", "KIND", ">EVENTS", ">LAST", ">SIZE", "NEWEST", "STATE");
        for (StreamInfo info : streams) {
            table.row(
                    info.name(),
                    info.kind().text(),
                    Long.toString(info.count()),
                    Long.toString(info.lastSeq()),
                    Table.bytes(info.bytes()),
                    time(info.newest()),
                    info.closed() ? "closed" : "open");
        }
        table.print(call.out());
    }
}
