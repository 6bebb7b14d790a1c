package dev.daybook.internal.run;

import dev.daybook.InvalidEventException;
import dev.daybook.run.NewMessage;
import dev.daybook.run.NewRun;
import dev.daybook.run.Resume;
import dev.daybook.run.RunStatus;
import dev.daybook.stream.NewEvent;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The events of runs, as {@code docs/format/runs.md} has them, and the limits of what is in them. */
final class RunLines {
    static final String MESSAGE = "message";
    static final String STEP_STARTED = "step-started";
    static final String STEP_COMPLETED = "step-completed";
    static final String STEP_FAILED = "step-failed";
    static final String CHECKPOINT = "checkpoint";
    static final String CANCEL_REQUESTED = "cancel-requested";

    private static final int TAGS_MAX = 64;
    private static final int TAG_KEY_BYTES_MAX = 128;
    private static final int TAG_VALUE_BYTES_MAX = 1_024;
    private static final int ROLE_BYTES_MAX = 64;
    private static final int STEP_BYTES_MAX = 512;
    private static final int ERROR_BYTES_MAX = 16 << 10;
    private static final int CUT_BYTES = 1_024;

    private RunLines() {}

    /** The first line of a run. */
    static NewEvent begin(RunStatus status, NewRun run) {
        Payload payload = new Payload().json("input", run.input()).text("parent", run.parent());
        if (!run.tags().isEmpty()) {
            payload.json("tags", tags(run.tags()));
        }
        NewEvent event = payload.event(status.text());
        return run.occurred() == null ? event : event.occurred(run.occurred());
    }

    private static String tags(Map<String, String> tags) {
        if (tags.size() > TAGS_MAX) {
            throw new InvalidEventException("tags", -1, "at most " + TAGS_MAX + ", not " + tags.size());
        }
        Payload payload = new Payload();
        new TreeMap<>(tags).forEach((key, value) -> {
            RunNames.requireBytes("tag", key, TAG_KEY_BYTES_MAX);
            if (!value.isEmpty()) {
                RunNames.requireBytes("tag", value, TAG_VALUE_BYTES_MAX);
            }
            payload.text(key, value);
        });
        return new String(payload.toJson(), StandardCharsets.UTF_8);
    }

    /**
     * The first line of a further attempt.
     *
     * @param setAside number of the first record that does not count any more; 0 for none
     * @param input the new input, or null
     */
    static NewEvent goOn(RunStatus status, Resume how, long setAside, @Nullable String input) {
        Payload payload = new Payload()
                .text("from", how.from().name().toLowerCase(Locale.ROOT))
                .text("step", how.step().orElse(null));
        if (setAside > 0) {
            payload.number("setAside", setAside);
        }
        return payload.json("input", input).event(status.text());
    }

    static NewEvent message(NewMessage message) {
        RunNames.requireBytes("role", message.role(), ROLE_BYTES_MAX);
        NewEvent event = new Payload()
                .text("role", message.role())
                .json("content", message.content())
                .object("meta", message.meta())
                .event(MESSAGE);
        return message.occurred() == null ? event : event.occurred(message.occurred());
    }

    static void requireStepName(String name) {
        RunNames.requireBytes("step", name, STEP_BYTES_MAX);
    }

    static NewEvent stepStarted(String step, int attempt) {
        return new Payload().text("step", step).number("attempt", attempt).event(STEP_STARTED);
    }

    static NewEvent stepCompleted(String step, int attempt, long micros, @Nullable String result, boolean keep) {
        Payload payload = new Payload()
                .text("step", step)
                .number("attempt", attempt)
                .number("durationMicros", micros)
                .json("result", keep ? result : null);
        return (keep ? payload : payload.no("kept")).event(STEP_COMPLETED);
    }

    static NewEvent stepFailed(String step, int attempt, long micros, Throwable why) {
        return new Payload()
                .text("step", step)
                .number("attempt", attempt)
                .number("durationMicros", micros)
                .text("error", text(why))
                .event(STEP_FAILED);
    }

    static NewEvent empty(String type) {
        return new Payload().event(type);
    }

    static NewEvent reason(String type, String reason) {
        return new Payload().text("reason", reason.isEmpty() ? null : reason).event(type);
    }

    static NewEvent completed(@Nullable String output) {
        return new Payload().json("output", output).event(RunStatus.COMPLETED.text());
    }

    static NewEvent failed(String error, @Nullable Integer exitCode) {
        Payload payload = new Payload().text("error", error);
        return (exitCode == null ? payload : payload.number("exitCode", exitCode)).event(RunStatus.FAILED.text());
    }

    /** An exception as the error of a run or step. */
    static String text(Throwable why) {
        byte[] all = why.toString().getBytes(StandardCharsets.UTF_8); // what has no UTF-8 becomes a question mark
        if (all.length <= ERROR_BYTES_MAX) {
            return new String(all, StandardCharsets.UTF_8);
        }
        int end = ERROR_BYTES_MAX;
        while ((all[end] & 0xc0) == 0x80) {
            end--;
        }
        for (int space = end; space > end - CUT_BYTES; space--) {
            if (all[space] == ' ' || all[space] == '\n') {
                end = space; // half of a secret would get by a redaction
                break;
            }
        }
        return new String(all, 0, end, StandardCharsets.UTF_8) + "... (cut, it has " + all.length + " bytes)";
    }
}
