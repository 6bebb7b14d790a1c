package dev.daybook.cli;

import dev.daybook.Daybook;
import dev.daybook.StoreInfo;
import dev.daybook.stream.StreamInfo;
import java.util.List;

/** {@code stats}. */
final class Stats implements Command {
    private static final int PAGE = 1_000;

    @Override
    public Syntax syntax() {
        return Syntax.of("Show what is in the store: counts, bytes, oldest, newest.")
                .flag("--streams", "And for each stream.")
                .example("daybook stats")
                .example("daybook stats --streams --json");
    }

    @Override
    public int run(Call call) {
        try (Daybook book = call.openForReading()) {
            StoreInfo info = book.info();
            if (call.json()) {
                call.out().line(json(info).toString());
            } else {
                print(call.out(), info);
            }
            if (call.arguments().flag("--streams")) {
                if (!call.json() && info.streams() > 0) {
                    call.out().line("");
                }
                String after = "";
                List<StreamInfo> page;
                do {
                    page = book.streams("", after, PAGE);
                    StreamShow.print(call, page);
                    after = page.isEmpty() ? "" : page.get(page.size() - 1).name();
                } while (page.size() == PAGE);
            }
        }
        return Exit.OK;
    }

    private static void print(Output out, StoreInfo info) {
        out.line("store      " + info.location());
        out.line("id         " + info.storeId());
        out.line("driver     " + info.driver() + " " + info.driverVersion() + ", journal format "
                + info.formatVersion());
        out.line("streams    " + info.streams());
        out.line("events     " + info.events() + " (" + Table.bytes(info.bytes()) + " of payload)");
        out.line("journal    " + Counts.of(info.segments(), "segment") + ", " + Table.bytes(info.journalBytes()));
        out.line("position   " + info.lastPosition() + " (durable up to " + info.durablePosition() + ")");
        out.line("oldest     " + StreamShow.time(info.oldest()));
        out.line("newest     " + StreamShow.time(info.newest()));
    }

    private static Json json(StoreInfo info) {
        return Json.object()
                .field("location", info.location())
                .field("storeId", info.storeId())
                .field("driver", info.driver())
                .field("driverVersion", info.driverVersion())
                .field("formatVersion", info.formatVersion())
                .field("lastPosition", info.lastPosition())
                .field("durablePosition", info.durablePosition())
                .field("streams", info.streams())
                .field("events", info.events())
                .field("bytes", info.bytes())
                .field("segments", info.segments())
                .field("journalBytes", info.journalBytes())
                .field("oldest", info.oldest())
                .field("newest", info.newest());
    }
}
