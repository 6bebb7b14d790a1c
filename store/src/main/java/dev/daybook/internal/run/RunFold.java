package dev.daybook.internal.run;

import dev.daybook.journal.StreamState;
import dev.daybook.run.Message;
import dev.daybook.run.RunStatus;
import dev.daybook.run.RunThread;
import dev.daybook.run.Timeline;
import dev.daybook.run.Timeline.StepStatus;
import dev.daybook.stream.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the events of one run come to: its attempts, its steps, its messages, and what of them counts for going on. */
final class RunFold {
    private final List<AttemptSoFar> attempts = new ArrayList<>();
    private final List<StepSoFar> steps = new ArrayList<>();
    private final Map<String, Integer> tries = new HashMap<>();
    private final List<Message> messages = new ArrayList<>();
    private long rounds;
    private @Nullable String input;

    private static final class AttemptSoFar {
        final int number;
        RunStatus status = RunStatus.UNKNOWN;
        Optional<Instant> queued = Optional.empty();
        Optional<Instant> started = Optional.empty();
        Optional<Instant> ended = Optional.empty();
        Optional<String> owner = Optional.empty();
        Optional<String> from = Optional.empty();
        Optional<String> reason = Optional.empty();
        Optional<Integer> exitCode = Optional.empty();
        Optional<String> error = Optional.empty();

        AttemptSoFar(int number) {
            this.number = number;
        }

        Timeline.Attempt record() {
            return new Timeline.Attempt(number, status, queued, started, ended, owner, from, reason, exitCode, error);
        }
    }

    private static final class StepSoFar {
        final String name;
        final int runAttempt;
        final int attempt;
        StepStatus status = StepStatus.RUNNING;
        Instant started;
        Optional<Duration> duration = Optional.empty();
        Optional<String> error = Optional.empty();
        long seq;
        boolean kept;

        StepSoFar(String name, int runAttempt, int attempt, Instant started) {
            this.name = name;
            this.runAttempt = runAttempt;
            this.attempt = attempt;
            this.started = started;
        }

        Timeline.StepRecord record() {
            return new Timeline.StepRecord(name, runAttempt, attempt, status, started, duration, error, seq);
        }
    }

    static RunFold of(Iterable<Event> events) {
        RunFold fold = new RunFold();
        events.forEach(fold::add);
        return fold;
    }

    /** The next event. What only a newer Daybook writes is passed over. */
    private void add(Event event) {
        StreamState state = StreamState.of(event);
        if (state != null) {
            status(event, state);
            return;
        }
        switch (event.type()) {
            case RunLines.MESSAGE -> message(event);
            case RunLines.STEP_STARTED -> stepStarted(event);
            case RunLines.STEP_COMPLETED, RunLines.STEP_FAILED -> stepEnded(event);
            default -> {}
        }
    }

    /** When an event happened: as its caller said, else when it was committed. */
    static Instant time(Event event) {
        return event.occurred().orElse(event.time());
    }

    private void status(Event event, StreamState state) {
        Fields data = Fields.of(event);
        RunStatus status = RunStatus.of(state.word());
        AttemptSoFar attempt = attempts.isEmpty() ? null : attempts.get(attempts.size() - 1);
        if (attempt == null || attempt.number != state.attempt()) {
            attempt = new AttemptSoFar(state.attempt());
            attempt.from = data.text("from");
            attempts.add(attempt);
            data.number("setAside").ifPresent(this::setAside);
        }
        String given = data.json("input");
        input = given == null ? input : given;
        attempt.status = status;
        Optional<Instant> now = Optional.of(time(event));
        if (status == RunStatus.QUEUED) {
            attempt.queued = now;
        } else if (status == RunStatus.STARTED) {
            attempt.started = now;
            attempt.owner = Optional.of(state.owner()).filter(owner -> !owner.isEmpty());
        } else if (status.ended()) {
            attempt.ended = now;
            attempt.reason = data.text("reason");
            attempt.exitCode = data.smallNumber("exitCode");
            attempt.error = data.text("error");
            for (StepSoFar step : steps) {
                step.status = step.status == StepStatus.RUNNING ? StepStatus.LOST : step.status;
            }
        }
    }

    private void setAside(long from) {
        for (StepSoFar step : steps) {
            if (step.status == StepStatus.COMPLETED && step.seq >= from) {
                step.status = StepStatus.SET_ASIDE;
            }
        }
        messages.replaceAll(m ->
                m.seq() < from ? m : new Message(m.round(), m.seq(), m.role(), m.content(), m.meta(), m.time(), true));
    }

    private void message(Event event) {
        Fields data = Fields.of(event);
        String role = data.text("role").orElse("");
        String content = data.json("content");
        long round = role.equals(RunThread.START_ROLE) ? 0 : ++rounds;
        messages.add(new Message(
                round,
                event.seq(),
                role,
                content == null ? "null" : content,
                Optional.ofNullable(data.json("meta")),
                time(event),
                false));
    }

    private int runAttempt() {
        return attempts.isEmpty() ? 0 : attempts.get(attempts.size() - 1).number;
    }

    private void stepStarted(Event event) {
        Fields data = Fields.of(event);
        String name = data.text("step").orElse("");
        int attempt = data.smallNumber("attempt").orElse(0);
        tries.merge(name, attempt, Math::max);
        steps.add(new StepSoFar(name, runAttempt(), attempt, event.time()));
    }

    private void stepEnded(Event event) {
        Fields data = Fields.of(event);
        String name = data.text("step").orElse("");
        int attempt = data.smallNumber("attempt").orElse(0);
        Duration duration = Duration.of(data.number("durationMicros").orElse(0L), java.time.temporal.ChronoUnit.MICROS);
        tries.merge(name, attempt, Math::max);
        StepSoFar step = running(name, attempt);
        if (step == null) { // it had no start record
            step = new StepSoFar(name, runAttempt(), attempt, event.time().minus(duration));
            steps.add(step);
        }
        step.status = event.type().equals(RunLines.STEP_FAILED) ? StepStatus.FAILED : StepStatus.COMPLETED;
        step.duration = Optional.of(duration);
        step.error = data.text("error");
        step.seq = event.seq();
        step.kept = !"false".equals(data.json("kept"));
    }

    private @Nullable StepSoFar running(String name, int attempt) {
        for (int i = steps.size() - 1; i >= 0; i--) {
            StepSoFar step = steps.get(i);
            if (step.status == StepStatus.RUNNING && step.attempt == attempt && step.name.equals(name)) {
                return step;
            }
        }
        return null;
    }

    Timeline timeline() {
        return new Timeline(
                attempts.stream().map(AttemptSoFar::record).toList(),
                steps.stream().map(StepSoFar::record).toList());
    }

    /** All messages, oldest first. */
    List<Message> messages() {
        return List.copyOf(messages);
    }

    Optional<String> input() {
        return Optional.ofNullable(input);
    }

    /** The step records that count, and have a result to give: number of the event by name. */
    private Map<String, Long> results() {
        Map<String, Long> results = new HashMap<>();
        for (StepSoFar step : steps) {
            if (step.status == StepStatus.COMPLETED && step.kept) {
                results.put(step.name, step.seq);
            }
        }
        return results;
    }

    /** What a next attempt knows of the steps. */
    StepTable steps() {
        return new StepTable(results(), tries);
    }

    /** Number of the newest record of a completed step that counts, of this name or (null) of any; 0 for none. */
    long newestRecord(@Nullable String name) {
        long newest = 0;
        for (StepSoFar step : steps) {
            if (step.status == StepStatus.COMPLETED && (name == null || step.name.equals(name))) {
                newest = Math.max(newest, step.seq);
            }
        }
        return newest;
    }
}
