package dev.daybook.cli;

import dev.daybook.Daybook;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.UnmatchedArgumentException;

/** Parses with picocli whatever {@link QuickParser} gave up on: help, mistakes, options before the command. */
final class FullParser {
    private static final String[] NO_TEXT = {};

    private FullParser() {}

    /** Null when it was about help or the version, which then has been printed. */
    static @Nullable Parsed parse(String[] args, Output out, Messages messages) {
        CommandLine root = commandLine();
        ParseResult result;
        try {
            result = root.parseArgs(args);
        } catch (ParameterException e) {
            throw explain(e);
        }
        ParseResult last = result;
        while (last.hasSubcommand()) {
            last = last.subcommand();
        }
        if (last.isUsageHelpRequested()) {
            out.text(last.commandSpec().commandLine().getUsageMessage(Ansi.OFF));
            return null;
        }
        if (result.isVersionHelpRequested()) {
            String version = Daybook.version();
            out.line(messages.json() ? Json.object().field("version", version).toString() : "daybook " + version);
            return null;
        }
        List<String> names = new ArrayList<>();
        for (CommandSpec spec = last.commandSpec(); spec.parent() != null; spec = spec.parent()) {
            names.add(0, spec.name());
        }
        if (!names.isEmpty() && names.get(0).equals("help")) {
            out.text(helpOn(root, last));
            return null;
        }
        Command command = switch (names.size()) {
            case 1 -> Commands.find(names.get(0));
            case 2 -> Commands.find(names.get(0), names.get(1));
            default -> null;
        };
        if (command == null) {
            String usage = last.commandSpec().commandLine().getUsageMessage(Ansi.OFF);
            throw new Failure(Exit.USAGE, "usage", "a command is missing", usage.stripTrailing());
        }
        return new Parsed(command, arguments(result));
    }

    private static Arguments arguments(ParseResult result) {
        Map<String, String> options = new HashMap<>();
        List<String> parameters = new ArrayList<>();
        for (ParseResult level : result.asCommandLineList().stream()
                .map(CommandLine::getParseResult)
                .toList()) {
            for (OptionSpec option : level.matchedOptions()) {
                options.put(
                        option.longestName(), option.arity().max() == 0 ? "" : String.join(",", option.stringValues()));
            }
            for (PositionalParamSpec parameter : level.matchedPositionals()) {
                parameters.addAll(parameter.stringValues());
            }
        }
        return new Arguments(options, parameters);
    }

    private static Failure explain(ParameterException mistake) {
        CommandSpec spec = mistake.getCommandLine().getCommandSpec();
        String message = String.valueOf(mistake.getMessage());
        if (mistake instanceof UnmatchedArgumentException unmatched) {
            String word = unmatched.getUnmatched().get(0);
            List<String> known = new ArrayList<>();
            if (word.startsWith("-")) {
                message = "there is no option " + word;
                known.addAll(spec.optionsMap().keySet());
            } else if (!spec.subcommands().isEmpty()) {
                message = "there is no command " + word;
                for (CommandLine below : spec.subcommands().values()) {
                    if (!below.getCommandSpec().usageMessage().hidden()) {
                        known.add(below.getCommandName());
                    }
                }
            } else {
                message = "one argument too many: " + word;
            }
            List<String> near = Nearest.of(word, known);
            if (!near.isEmpty()) {
                message += "; did you mean " + String.join(" or ", near) + "?";
            }
        }
        return new Failure(Exit.USAGE, "usage", message, see(spec));
    }

    private static String see(CommandSpec spec) {
        return "See `" + spec.qualifiedName() + " --help`.";
    }

    private static String helpOn(CommandLine root, ParseResult help) {
        CommandLine at = root;
        for (String name : help.matchedPositionalValue(0, new String[0])) {
            CommandLine next = at.getSubcommands().get(name);
            if (next == null) {
                throw new Failure(Exit.USAGE, "usage", "there is no command " + name, see(at.getCommandSpec()));
            }
            at = next;
        }
        return at.getUsageMessage(Ansi.OFF);
    }

    /** All commands, as picocli sees them. */
    static CommandLine commandLine() {
        return commandLine("-");
    }

    /** The same with another word for the parameter that can only be a dash, of which no name of a shell function can be made. */
    static CommandLine commandLine(String dash) {
        CommandSpec root = CommandSpec.create().name("daybook");
        root.usageMessage()
                .description("The durable store for agent and workflow runs: one plain-text journal, many streams.")
                .footer(
                        "",
                        "Exit status:",
                        "  0 done                    5 the store is locked",
                        "  1 a condition is not met  6 corrupt, or of a newer version",
                        "  2 usage                   7 timed out",
                        "  3 not found               8 storage failed",
                        "  4 conflict or refused",
                        "",
                        "Begin with:",
                        "  daybook demo",
                        "  daybook stream append notes --data '{\"text\":\"hello\"}'",
                        "  daybook stream tail notes --since 0",
                        "  daybook stream --help");
        root.addOption(OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .type(boolean.class)
                .arity("0")
                .scopeType(ScopeType.INHERIT)
                .description("Show this help.")
                .build());
        root.addOption(OptionSpec.builder("-V", "--version")
                .versionHelp(true)
                .type(boolean.class)
                .arity("0")
                .description("Show the version.")
                .build());
        for (Syntax.Option option : Syntax.EVERYWHERE) {
            root.addOption(option(option).scopeType(ScopeType.INHERIT).build());
        }
        for (String name : Commands.NAMES) {
            List<String> verbs = Commands.verbs(name);
            Command command = Commands.find(name);
            if (command != null) {
                root.addSubcommand(name, spec(name, command.syntax(), dash));
                continue;
            }
            CommandSpec group = CommandSpec.create().name(name);
            group.usageMessage()
                    .description(Commands.summary(name))
                    .footer("", "See `daybook " + name + " COMMAND --help` for each.");
            root.addSubcommand(name, group);
            for (String verb : verbs) {
                Command below = Commands.find(name, verb);
                if (below != null) {
                    group.addSubcommand(verb, spec(verb, below.syntax(), dash));
                }
            }
        }
        CommandSpec help = CommandSpec.create().name("help");
        help.usageMessage().description("Show help on a command.");
        help.addPositional(PositionalParamSpec.builder()
                .paramLabel("COMMAND")
                .arity("0..*")
                .index("0..*")
                .type(String[].class)
                .build());
        root.addSubcommand("help", help);
        return new CommandLine(root)
                .setExpandAtFiles(false) // a value may begin with @
                .setInterpolateVariables(false)
                .setUsageHelpWidth(100)
                .setUsageHelpLongOptionsMaxWidth(28);
    }

    private static CommandSpec spec(String name, Syntax syntax, String dash) {
        CommandSpec spec = CommandSpec.create().name(name);
        List<String> description = new ArrayList<>();
        description.add(syntax.summary());
        description.addAll(syntax.details());
        List<String> footer = new ArrayList<>();
        if (!syntax.examples().isEmpty()) {
            footer.add("");
            footer.add(syntax.examples().size() == 1 ? "Example:" : "Examples:");
            for (String example : syntax.examples()) {
                footer.add("  " + example);
            }
        }
        spec.usageMessage()
                .description(description.toArray(NO_TEXT))
                .footer(footer.toArray(NO_TEXT))
                .hidden(syntax.hidden());
        for (Syntax.Option option : syntax.options()) {
            spec.addOption(option(option).build());
        }
        for (int i = 0; i < syntax.parameters().size(); i++) {
            Syntax.Parameter parameter = syntax.parameters().get(i);
            spec.addPositional(PositionalParamSpec.builder()
                    .index(Integer.toString(i))
                    .arity(parameter.required() ? "1" : "0..1")
                    .required(parameter.required())
                    .paramLabel(parameter.label().equals("-") ? dash : parameter.label())
                    .type(String.class)
                    .description(parameter.description())
                    .build());
        }
        return spec;
    }

    private static OptionSpec.Builder option(Syntax.Option option) {
        OptionSpec.Builder builder = OptionSpec.builder(option.name()).description(option.description());
        return option.value() == null
                ? builder.type(boolean.class).arity("0")
                : builder.type(option.repeats() ? String[].class : String.class)
                        .arity("1")
                        .paramLabel(option.value());
    }
}
