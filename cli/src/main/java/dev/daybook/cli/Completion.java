package dev.daybook.cli;

import picocli.AutoComplete;
import picocli.CommandLine;

/** {@code completion}. */
final class Completion implements Command {

    @Override
    public Syntax syntax() {
        return Syntax.of("Print a completion script for a shell.")
                .required("SHELL", "bash, zsh or fish.")
                .example("source <(daybook completion bash)")
                .example("daybook completion fish > ~/.config/fish/completions/daybook.fish");
    }

    @Override
    public int run(Call call) {
        CommandLine daybook = FullParser.commandLine("STDIN");
        String shell = call.arguments().required(0);
        call.out()
                .text(
                        switch (shell) {
                            // The script switches on zsh's own support for bash completions.
                            case "bash", "zsh" -> AutoComplete.bash("daybook", daybook);
                            case "fish" -> FishCompletion.script(daybook);
                            default -> throw Failure.usage("SHELL must be bash, zsh or fish, not \"" + shell + "\"");
                        });
        return Exit.OK;
    }
}
