package dev.daybook.run;

import java.time.Duration;

/**
 * How a step is recorded. Immutable.
 *
 * @param durableStart the start is on stable storage before the body runs, at the price of a second sync; by default it follows within 10 ms, or not at all when the step is over before
 * @param attempts how often the body is tried in one attempt of the run before its exception comes out; 1 by default
 * @param backoff how long to wait before the second try, doubled for each further one; zero by default
 * @param keepResult false: the result is not recorded, and the step runs again in every attempt; for what must not be kept
 */
public record StepOptions(boolean durableStart, int attempts, Duration backoff, boolean keepResult) {
    private static final StepOptions DEFAULTS = new StepOptions(false, 1, Duration.ZERO, true);

    public StepOptions {
        if (attempts < 1 || backoff.isNegative()) {
            throw new IllegalArgumentException("attempts must be 1 or more, backoff not negative");
        }
    }

    public static StepOptions defaults() {
        return DEFAULTS;
    }

    public StepOptions withDurableStart(boolean value) {
        return new StepOptions(value, attempts, backoff, keepResult);
    }

    public StepOptions withAttempts(int value) {
        return new StepOptions(durableStart, value, backoff, keepResult);
    }

    public StepOptions withBackoff(Duration value) {
        return new StepOptions(durableStart, attempts, value, keepResult);
    }

    public StepOptions withKeepResult(boolean value) {
        return new StepOptions(durableStart, attempts, backoff, value);
    }
}
