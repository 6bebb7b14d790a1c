package dev.daybook.cli;

import dev.daybook.Daybook;
import dev.daybook.RunNotFoundException;
import dev.daybook.run.Message;
import dev.daybook.run.RunInfo;
import dev.daybook.run.RunRef;
import dev.daybook.run.Timeline;
import dev.daybook.stream.NewEvent;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What the {@code run} commands share: which run is meant, how runs look, what tags and JSON are given. */
final class RunWords {
    private static final int NAMED = 5;

    private RunWords() {}

    /** The run of this id, or the only one whose id begins so. */
    static RunRef find(Daybook book, String typed) {
        if (typed.isEmpty() || book.runs().find(typed).isPresent()) {
            return book.runs().run(typed);
        }
        List<String> ids = book.runs().ids(typed, NAMED + 1);
        if (ids.isEmpty()) {
            throw new RunNotFoundException(typed);
        }
        if (ids.size() > 1) {
            throw Failure.usage("\"" + typed + "\" is the beginning of several runs: "
                    + String.join(", ", ids.subList(0, Math.min(ids.size(), NAMED)))
                    + (ids.size() > NAMED ? ", ..." : ""));
        }
        return book.runs().run(ids.get(0));
    }

    /** JSON that an option gives, so that what is wrong is found before the store is touched. */
    static @Nullable String json(Arguments arguments, String option) {
        String json = arguments.option(option);
        if (json != null) {
            NewEvent.json(option, json);
        }
        return json;
    }

    /** {@code a=1,b=2}. */
    static Map<String, String> pairs(String option, @Nullable String text) {
        Map<String, String> pairs = new TreeMap<>();
        if (text != null) {
            for (String pair : text.split(",", -1)) {
                int equals = pair.indexOf('=');
                if (equals < 1) {
                    throw Failure.usage(
                            option + " must be key=value, or several with commas between them, not \"" + text + "\"");
                }
                pairs.put(pair.substring(0, equals), pair.substring(equals + 1));
            }
        }
        return pairs;
    }

    /** Prints that a run is what it is now. */
    static void tell(Call call, RunInfo info) {
        call.print(json(info), info.id() + " " + info.statusText());
    }

    static Json json(RunInfo info) {
        Json tags = Json.object();
        new TreeMap<>(info.tags()).forEach(tags::field);
        Json json = Json.object()
                .field("run", info.id())
                .field("workflow", info.workflow())
                .field("status", info.statusText())
                .field("attempt", info.attempt())
                .field("created", Optional.of(info.created()))
                .field("started", info.started())
                .field("ended", info.ended());
        json.raw("durationMillis", millis(info.duration()));
        json.raw("exitCode", info.exitCode().map(String::valueOf).orElse("null"));
        json.field("error", info.error().orElse(null)).field("tags", tags);
        info.owner().ifPresent(owner -> json.field("owner", owner));
        info.parent().ifPresent(parent -> json.field("parent", parent));
        return json;
    }

    /** Tags for people. */
    static String tags(Map<String, String> tags) {
        return new TreeMap<>(tags)
                .entrySet().stream()
                        .map(tag -> tag.getKey() + "=" + tag.getValue())
                        .collect(Collectors.joining(", "));
    }

    /** How it went wrong, if it did, for people. */
    static String note(Optional<Integer> exitCode, Optional<String> error) {
        return String.join(
                ": ",
                Stream.concat(exitCode.map(code -> "exit code " + code).stream(), error.stream())
                        .toList());
    }

    /** A duration for people. */
    static String text(Duration duration) {
        long millis = duration.toMillis();
        if (millis < 1_000) {
            return millis + " ms";
        }
        return millis < 60_000 ? millis / 1_000 + "." + millis / 100 % 10 + " s" : duration.toSeconds() + " s";
    }

    /** A text for people, in one line. */
    static String line(String text, int charsMax) {
        StringBuilder line = new StringBuilder();
        text.codePoints()
                .limit(charsMax)
                .map(c -> Character.isISOControl(c) ? ' ' : c)
                .forEach(line::appendCodePoint);
        return text.codePointCount(0, text.length()) > charsMax ? line + "..." : line.toString();
    }

    static String millis(Optional<Duration> duration) {
        return duration.map(d -> String.valueOf(d.toMillis())).orElse("null");
    }

    static <T> String array(List<T> items, Function<T, Json> json) {
        return "["
                + String.join(
                        ",",
                        items.stream().map(item -> json.apply(item).toString()).toList()) + "]";
    }

    static Json json(Timeline.Attempt attempt) {
        Json json = Json.object()
                .field("attempt", attempt.number())
                .field("status", attempt.status().text())
                .field("queued", attempt.queued())
                .field("started", attempt.started())
                .field("ended", attempt.ended())
                .field("owner", attempt.owner().orElse(null))
                .field("from", attempt.from().orElse(null))
                .field("reason", attempt.reason().orElse(null));
        return json.raw("exitCode", attempt.exitCode().map(String::valueOf).orElse("null"))
                .field("error", attempt.error().orElse(null));
    }

    static Json json(Timeline.StepRecord step) {
        return Json.object()
                .field("step", step.name())
                .field("runAttempt", step.runAttempt())
                .field("attempt", step.attempt())
                .field("status", word(step.status()))
                .field("started", Optional.of(step.started()))
                .raw("durationMillis", millis(step.duration()))
                .field("error", step.error().orElse(null));
    }

    static Json json(Message message) {
        return Json.object()
                .field("round", message.round())
                .field("seq", message.seq())
                .field("role", message.role())
                .raw("content", message.content())
                .raw("meta", message.meta().orElse("null"))
                .field("time", Optional.of(message.time()));
    }

    static String word(Timeline.StepStatus status) {
        return status.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
    }
}
