package dev.daybook.cli;

import dev.daybook.Daybook;
import dev.daybook.run.Message;
import dev.daybook.run.RunInfo;
import dev.daybook.run.RunRef;
import dev.daybook.run.Timeline;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** {@code run show}. */
final class RunShow implements Command {
    private static final int TEXT_CHARS = 100;

    @Override
    public Syntax syntax() {
        return Syntax.of("Show a run: what it is, its attempts and their steps, its messages.")
                .detail("With --json, messages are those that count for going on, oldest first.")
                .required("RUN", "The run; the beginning of its id, when that is enough.")
                .option("--rounds", "N", "At most N messages, the newest; default: 20.")
                .example("daybook run show 01JD3M")
                .example("daybook run show 01JD3M --json | jq .messages");
    }

    @Override
    public int run(Call call) {
        int rounds = (int) Math.min(call.arguments().number("--rounds", 1, 20), 10_000);
        try (Daybook book = call.openForReading()) {
            RunRef run = RunWords.find(book, call.arguments().required(0));
            RunInfo info = run.info();
            Timeline timeline = run.timeline();
            if (call.json()) {
                call.out().line(json(run, info, timeline));
            } else {
                print(call.out(), run, info);
                print(call.out(), timeline);
                print(
                        call.out(),
                        run.thread().rounds(Long.MAX_VALUE, rounds),
                        run.thread().count());
            }
        }
        return Exit.OK;
    }

    private static String json(RunRef run, RunInfo info, Timeline timeline) {
        return RunWords.json(info)
                .raw("input", run.input().orElse("null"))
                .raw("output", run.output().orElse("null"))
                .raw("attempts", RunWords.array(timeline.attempts(), RunWords::json))
                .raw("steps", RunWords.array(timeline.steps(), RunWords::json))
                .raw("messages", RunWords.array(run.thread().chain(), RunWords::json))
                .toString();
    }

    private static void print(Output out, RunRef run, RunInfo info) {
        out.line("run        " + info.id());
        out.line("workflow   " + info.workflow());
        out.line("status     " + info.statusText());
        out.line("created    " + Times.format(info.created()));
        field(out, "parent     ", info.parent());
        if (!info.tags().isEmpty()) {
            out.line("tags       " + RunWords.tags(info.tags()));
        }
        field(out, "input      ", run.input());
        field(out, "output     ", run.output());
        field(out, "state      ", run.state().map(document -> document.data()));
    }

    private static void field(Output out, String label, Optional<String> value) {
        value.ifPresent(text -> out.line(label + shortened(text)));
    }

    private static void print(Output out, Timeline timeline) {
        for (Timeline.Attempt attempt : timeline.attempts()) {
            out.line("");
            out.line("attempt " + attempt.number() + "  " + attempt.status().text() + described(attempt));
            for (Timeline.StepRecord step : timeline.steps()) {
                if (step.runAttempt() == attempt.number()) {
                    out.line("  " + Times.format(step.started()) + "  " + padded(RunWords.word(step.status()))
                            + "  " + step.name()
                            + (step.attempt() > 1 ? " (try " + step.attempt() + ")" : "")
                            + step.duration().map(d -> ", " + RunWords.text(d)).orElse("")
                            + step.error().map(error -> ": " + shortened(error)).orElse(""));
                }
            }
        }
    }

    private static String described(Timeline.Attempt attempt) {
        Optional<Instant> began = attempt.started().or(attempt::queued);
        StringBuilder text = new StringBuilder();
        began.ifPresent(time -> text.append(", from ").append(Times.format(time)));
        attempt.ended().ifPresent(time -> text.append(" to ").append(Times.format(time)));
        attempt.started()
                .flatMap(from -> attempt.ended().map(to -> Duration.between(from, to)))
                .ifPresent(lasted ->
                        text.append(" (").append(RunWords.text(lasted)).append(')'));
        attempt.owner().ifPresent(owner -> text.append(", by ").append(owner));
        attempt.from().ifPresent(from -> text.append(", going on from ").append(from));
        attempt.reason().ifPresent(reason -> text.append(", ").append(shortened(reason)));
        attempt.exitCode().ifPresent(code -> text.append(", exit code ").append(code));
        attempt.error().ifPresent(error -> text.append(": ").append(shortened(error)));
        return text.toString();
    }

    private static void print(Output out, List<Message> newest, long count) {
        if (newest.isEmpty()) {
            return;
        }
        out.line("");
        out.line("messages  " + count + (newest.size() < count ? ", the newest " + newest.size() : ""));
        for (int i = newest.size() - 1; i >= 0; i--) {
            Message message = newest.get(i);
            out.line("  " + Times.format(message.time()) + "  " + message.round() + "  " + message.role() + ": "
                    + shortened(message.content()) + (message.setAside() ? "  (set aside)" : ""));
        }
    }

    private static String padded(String word) {
        return word + " ".repeat(Math.max(0, 9 - word.length()));
    }

    private static String shortened(String text) {
        return RunWords.line(text, TEXT_CHARS);
    }
}
