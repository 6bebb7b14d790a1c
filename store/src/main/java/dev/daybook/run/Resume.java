package dev.daybook.run;

import java.util.Optional;

/**
 * From where an ended run goes on. Immutable.
 *
 * @param from what runs again
 * @param step the step, for {@link From#STEP}
 * @param overrides a JSON object whose fields replace those of the input; null removes one
 */
public record Resume(From from, Optional<String> step, Optional<String> overrides) {

    /** What runs again besides what has no record. */
    public enum From {
        /** Nothing. */
        CURRENT,
        /** The last step that was completed. */
        PREVIOUS,
        /** A step, and every one that was completed after it. */
        STEP
    }

    public static Resume current() {
        return new Resume(From.CURRENT, Optional.empty(), Optional.empty());
    }

    public static Resume previous() {
        return new Resume(From.PREVIOUS, Optional.empty(), Optional.empty());
    }

    /** @param name a step with a record that counts */
    public static Resume step(String name) {
        return new Resume(From.STEP, Optional.of(name), Optional.empty());
    }

    public Resume overrides(String jsonObject) {
        return new Resume(from, step, Optional.of(jsonObject));
    }
}
