package dev.daybook.cli;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a command takes and what its help says: the one description from which both parsers, help and completion are made. */
final class Syntax {
    /** Options of every command. */
    static final List<Option> EVERYWHERE = List.of(
            new Option("--store", "DIR", "The store; default: $DAYBOOK_STORE, or ./daybook-data.", false),
            new Option("--json", null, "Print JSON: one object, or one per line for a sequence; errors, too.", false),
            new Option(
                    "--accept-clock",
                    null,
                    "Write although the store's newest line is of a time still to come.",
                    false));

    /**
     * An option.
     *
     * @param value what to call its value in help, or null for a flag
     * @param repeats whether it may be given several times; its values then have commas between them
     */
    record Option(String name, @Nullable String value, String description, boolean repeats) {}

    /** An argument by its place. */
    record Parameter(String label, boolean required, String description) {}

    private final String summary;
    private final List<Option> options = new ArrayList<>(8);
    private final List<Parameter> parameters = new ArrayList<>(2);
    private final List<String> details = new ArrayList<>(4);
    private final List<String> examples = new ArrayList<>(4);
    private boolean hidden;

    private Syntax(String summary) {
        this.summary = summary;
    }

    static Syntax of(String summary) {
        return new Syntax(summary);
    }

    Syntax option(String name, String value, String description) {
        options.add(new Option(name, value, description, false));
        return this;
    }

    /** An option that may be given several times. */
    Syntax options(String name, String value, String description) {
        options.add(new Option(name, value, description, true));
        return this;
    }

    Syntax flag(String name, String description) {
        options.add(new Option(name, null, description, false));
        return this;
    }

    Syntax required(String label, String description) {
        parameters.add(new Parameter(label, true, description));
        return this;
    }

    Syntax optional(String label, String description) {
        parameters.add(new Parameter(label, false, description));
        return this;
    }

    /** A further sentence of help. */
    Syntax detail(String sentence) {
        details.add(sentence);
        return this;
    }

    Syntax example(String commandLine) {
        examples.add(commandLine);
        return this;
    }

    /** Neither in help nor in completion. */
    Syntax hide() {
        hidden = true;
        return this;
    }

    String summary() {
        return summary;
    }

    List<Option> options() {
        return options;
    }

    List<Parameter> parameters() {
        return parameters;
    }

    List<String> details() {
        return details;
    }

    List<String> examples() {
        return examples;
    }

    boolean hidden() {
        return hidden;
    }

    /** The option of this name, here or everywhere; null if there is none. */
    @Nullable
    Option option(String name) {
        for (int i = 0; i < options.size(); i++) {
            if (options.get(i).name().equals(name)) {
                return options.get(i);
            }
        }
        for (int i = 0; i < EVERYWHERE.size(); i++) {
            if (EVERYWHERE.get(i).name().equals(name)) {
                return EVERYWHERE.get(i);
            }
        }
        return null;
    }
}
