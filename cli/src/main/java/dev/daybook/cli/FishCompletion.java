package dev.daybook.cli;

import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Completions for the fish shell, which picocli does not write. */
final class FishCompletion {
    private FishCompletion() {}

    static String script(CommandLine root) {
        StringBuilder script = new StringBuilder("# fish completion for daybook\ncomplete -c daybook -f\n");
        String none = "__fish_use_subcommand";
        options(script, root, none);
        for (Map.Entry<String, CommandLine> command : root.getSubcommands().entrySet()) {
            if (hidden(command.getValue())) {
                continue;
            }
            String name = command.getKey();
            command(script, name, command.getValue(), none);
            Map<String, CommandLine> verbs = command.getValue().getSubcommands();
            String inside = "__fish_seen_subcommand_from " + name;
            if (verbs.isEmpty()) {
                options(script, command.getValue(), inside);
            }
            String all = String.join(" ", verbs.keySet());
            for (Map.Entry<String, CommandLine> verb : verbs.entrySet()) {
                command(
                        script,
                        verb.getKey(),
                        verb.getValue(),
                        inside + "; and not __fish_seen_subcommand_from " + all);
                options(script, verb.getValue(), inside + "; and __fish_seen_subcommand_from " + verb.getKey());
            }
        }
        return script.toString();
    }

    private static boolean hidden(CommandLine command) {
        return command.getCommandSpec().usageMessage().hidden();
    }

    private static void command(StringBuilder script, String name, CommandLine command, String when) {
        String[] description = command.getCommandSpec().usageMessage().description();
        line(script, when)
                .append(" -a ")
                .append(name)
                .append(" -d ")
                .append(quote(description.length == 0 ? "" : description[0]))
                .append('\n');
    }

    private static void options(StringBuilder script, CommandLine command, String when) {
        for (OptionSpec option : command.getCommandSpec().options()) {
            line(script, when);
            for (String name : option.names()) {
                boolean isLong = name.startsWith("--");
                script.append(isLong ? " -l " : " -s ").append(name.substring(isLong ? 2 : 1));
            }
            if (option.arity().max() > 0) {
                // Directories and files are the values a shell can know.
                script.append(option.paramLabel().equals("DIR") ? " -x -a '(__fish_complete_directories)'" : " -x");
            }
            String[] description = option.description();
            script.append(" -d ")
                    .append(quote(description.length == 0 ? "" : description[0]))
                    .append('\n');
        }
    }

    private static StringBuilder line(StringBuilder script, String when) {
        return script.append("complete -c daybook -n ").append(quote(when));
    }

    private static String quote(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
