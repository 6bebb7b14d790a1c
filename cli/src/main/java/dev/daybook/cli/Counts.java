package dev.daybook.cli;

/** Numbers of things, in words. */
final class Counts {
    private Counts() {}

    static String of(long count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }
}
