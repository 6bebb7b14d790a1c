package dev.daybook.cli;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A parsed command line: values by option name (a flag's is empty), and parameters by place. */
record Arguments(Map<String, String> options, List<String> parameters) {

    boolean flag(String name) {
        return options.containsKey(name);
    }

    @Nullable
    String option(String name) {
        return options.get(name);
    }

    String option(String name, String otherwise) {
        String value = options.get(name);
        return value == null ? otherwise : value;
    }

    @Nullable
    String parameter(int index) {
        return index < parameters.size() ? parameters.get(index) : null;
    }

    /** One that the syntax requires. */
    String required(int index) {
        return parameters.get(index);
    }

    /** A whole number of at least {@code min}. */
    long number(String name, long min, long otherwise) {
        String value = options.get(name);
        if (value == null) {
            return otherwise;
        }
        try {
            long number = Long.parseLong(value);
            if (number >= min && value.charAt(0) != '+') {
                return number;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw Failure.usage(name + " must be a whole number of at least " + min + ", not \"" + value + "\"");
    }
}
