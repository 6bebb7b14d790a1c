package dev.daybook.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Parses a command line that is plainly right: command first, options by their full names, each once if it does not repeat, as {@code --name value} or
 * {@code --name=value}. Gives up on anything else, and never reports a mistake itself: that is for {@link FullParser}, to which it must never
 * give another answer.
 */
final class QuickParser {
    private QuickParser() {}

    static @Nullable Parsed parse(String[] args) {
        if (args.length == 0) {
            return null;
        }
        int at = 1;
        Command command;
        if (Commands.verbs(args[0]).isEmpty()) {
            command = Commands.find(args[0]);
        } else {
            command = args.length == 1 ? null : Commands.find(args[0], args[1]);
            at = 2;
        }
        if (command == null) {
            return null;
        }
        Arguments arguments = arguments(args, at, command.syntax());
        return arguments == null ? null : new Parsed(command, arguments);
    }

    private static @Nullable Arguments arguments(String[] args, int from, Syntax syntax) {
        Map<String, String> options = new HashMap<>();
        List<String> parameters = new ArrayList<>(4);
        int at = from;
        while (at < args.length) {
            String arg = args[at++];
            if (!looksLikeOption(arg)) {
                parameters.add(arg);
                continue;
            }
            int equals = arg.indexOf('=');
            String name = equals < 0 ? arg : arg.substring(0, equals);
            Syntax.Option option = syntax.option(name);
            if (option == null) {
                return null;
            }
            String value = "";
            if (option.value() == null) {
                if (equals >= 0) {
                    return null;
                }
            } else if (equals >= 0) {
                value = arg.substring(equals + 1);
            } else if (at < args.length && !looksLikeOption(args[at])) {
                value = args[at++];
            } else {
                return null;
            }
            String before = options.get(name);
            if (before != null && !option.repeats()) {
                return null;
            }
            options.put(name, before == null ? value : before + "," + value);
        }
        int required = 0;
        for (int i = 0; i < syntax.parameters().size(); i++) {
            required += syntax.parameters().get(i).required() ? 1 : 0;
        }
        boolean fits = parameters.size() >= required
                && parameters.size() <= syntax.parameters().size();
        return fits ? new Arguments(options, parameters) : null;
    }

    private static boolean looksLikeOption(String arg) {
        return arg.length() > 1 && arg.charAt(0) == '-';
    }
}
