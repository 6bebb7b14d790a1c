package dev.daybook.cli;

import dev.daybook.Daybook;
import dev.daybook.run.RunFilter;
import dev.daybook.run.RunStatus;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The options that say which runs are meant, for those commands that ask about many. */
final class RunFilters {
    static final int DEFAULT_LIMIT = 20;
    private static final int LIMIT_MAX = 10_000;
    private static final int NAMED = 5;

    private RunFilters() {}

    /** @param time of what the range is */
    static Syntax conditions(Syntax syntax, String time) {
        return syntax.option("--workflow", "W", "Only runs of this workflow.")
                .options("--status", "STATUS", "Only with this status; may be given several times.")
                .flag("--resumable", "Only what can be gone on with: failed, crashed, interrupted, cancelled.")
                .options("--tag", "K=V", "Only runs with this tag; may be given several times, and all are meant.")
                .option("--since", "TIME", "Only " + time + " at or after this time.")
                .option("--until", "TIME", "Only " + time + " at or before this time.")
                .option("--longer-than", "D", "Only what ended and took at least this long, such as 250ms or 1h30m.")
                .option("--shorter-than", "D", "Only what ended and took at most this long.")
                .option("--parent", "RUN", "Only runs that this run started.")
                .option(
                        "--text",
                        "WORDS",
                        "Only runs with all these words in one message, input, output or error, as in `log query --text`.");
    }

    static Syntax page(Syntax syntax) {
        return syntax.option("--limit", "N", "At most N, up to 10000; default: " + DEFAULT_LIMIT + ".")
                .option("--cursor", "C", "Go on where the last page ended.");
    }

    /** What the options say, but the parent, for which the store is needed: {@link #below}. */
    static RunFilter of(Arguments arguments) {
        long limit = arguments.number("--limit", 1, DEFAULT_LIMIT);
        if (limit > LIMIT_MAX) {
            throw Failure.usage("--limit is at most " + LIMIT_MAX + ", not " + limit + "; go on with --cursor");
        }
        RunFilter filter = RunFilter.all()
                .workflow(arguments.option("--workflow"))
                .status(statuses(arguments))
                .limit((int) limit)
                .after(arguments.option("--cursor"));
        for (Map.Entry<String, String> tag :
                RunWords.pairs("--tag", arguments.option("--tag")).entrySet()) {
            filter = filter.tag(tag.getKey(), tag.getValue());
        }
        try {
            filter = filter.text(arguments.option("--text"));
        } catch (IllegalArgumentException e) {
            throw Failure.usage("--text: " + e.getMessage());
        }
        Instant now = Instant.now();
        String since = arguments.option("--since");
        String until = arguments.option("--until");
        String longer = arguments.option("--longer-than");
        String shorter = arguments.option("--shorter-than");
        return filter.since(since == null ? null : Times.parse("--since", since, now, false))
                .until(until == null ? null : Times.parse("--until", until, now, true))
                .lasting(
                        longer == null ? null : Times.duration("--longer-than", longer),
                        shorter == null ? null : Times.duration("--shorter-than", shorter));
    }

    /** With the parent that is asked for. It need not be a run of this store, but the beginning of an id is enough for one that is. */
    static RunFilter below(RunFilter filter, Daybook book, @Nullable String parent) {
        if (parent == null || parent.isEmpty() || book.runs().find(parent).isPresent()) {
            return filter.parent(parent);
        }
        List<String> ids = book.runs().ids(parent, NAMED);
        if (ids.size() > 1) {
            throw Failure.usage("\"" + parent + "\" is the beginning of several runs: " + String.join(", ", ids));
        }
        return filter.parent(ids.isEmpty() ? parent : ids.get(0));
    }

    private static RunStatus[] statuses(Arguments arguments) {
        String given = arguments.option("--status");
        if (arguments.flag("--resumable")) {
            if (given != null) {
                throw Failure.usage("give --status or --resumable, not both");
            }
            return Arrays.stream(RunStatus.values())
                    .filter(RunStatus::resumable)
                    .toArray(RunStatus[]::new);
        }
        return given == null
                ? new RunStatus[0]
                : Arrays.stream(given.split(",", -1))
                        .map(RunFilters::status)
                        .distinct()
                        .toArray(RunStatus[]::new);
    }

    private static RunStatus status(String word) {
        RunStatus status = RunStatus.of(word);
        if (status == RunStatus.UNKNOWN && !word.equals(status.text())) {
            List<String> all =
                    Arrays.stream(RunStatus.values()).map(RunStatus::text).toList();
            List<String> near = Nearest.of(word, all);
            throw Failure.usage("there is no status \"" + word + "\""
                    + (near.isEmpty()
                            ? "; there are " + all.stream().collect(Collectors.joining(", "))
                            : "; did you mean " + String.join(" or ", near) + "?"));
        }
        return status;
    }

    /** Says how the list goes on. */
    static void more(Call call, String cursor) {
        call.out().flush();
        call.messages().say("daybook: there are more; go on with --cursor " + cursor);
    }
}
