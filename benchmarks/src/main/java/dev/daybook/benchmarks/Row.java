package dev.daybook.benchmarks;

/**
 * A row of the table.
 *
 * @param what what was measured
 * @param must the goal, as the issue puts it; empty where a row only informs
 * @param measured median of the rounds, and their range
 * @param figures the absolute figures behind it
 * @param verdict whether the goal is reached
 */
record Row(String what, String must, String measured, String figures, Verdict verdict) {

    enum Verdict {
        PASS,
        FAIL,
        /** Nothing to reach, or measured without the store. */
        NONE,
        /** Could not be measured here; the figures say why. */
        SKIPPED;

        @Override
        public String toString() {
            return this == NONE ? "-" : name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    static Row atLeast(String what, double goal, Spread ratio, String figures) {
        return new Row(what, ">= %s x".formatted(goal), ratio.asRatio(), figures, verdict(ratio.median() >= goal));
    }

    static Row atMost(String what, double goal, Spread ratio, String figures) {
        return new Row(what, "<= %s x".formatted(goal), ratio.asRatio(), figures, verdict(ratio.median() <= goal));
    }

    /** The goal is a plain number with a unit. */
    static Row atLeast(String what, double goal, String unit, Spread value, String figures) {
        String must = ">= %s %s".formatted(Spread.number(goal), unit);
        return new Row(what, must, value.asNumber(), figures, verdict(value.median() >= goal));
    }

    static Row atMost(String what, double goal, String unit, Spread value, String figures) {
        String must = "<= %s %s".formatted(Spread.number(goal), unit);
        return new Row(what, must, value.asNumber(), figures, verdict(value.median() <= goal));
    }

    static Row info(String what, String measured, String figures) {
        return new Row(what, "", measured, figures, Verdict.NONE);
    }

    static Row skipped(String what, String why) {
        return new Row(what, "", "", why, Verdict.SKIPPED);
    }

    static Verdict verdict(boolean reached) {
        return reached ? Verdict.PASS : Verdict.FAIL;
    }
}
