package dev.dunnage.launcher.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code dunnage completion}. */
@Command(
        name = "completion",
        description = {
            "Prints a script that lets a shell complete the words of this command.",
            "Try it with: source <(dunnage completion bash). For all users, write it to"
                    + " PREFIX/share/bash-completion/completions/dunnage, or for zsh to"
                    + " PREFIX/share/zsh/site-functions/_dunnage."
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class CompletionCommand extends BaseCommand {
    private static final String ZSH = "#compdef dunnage\nautoload -U +X bashcompinit && bashcompinit\n";

    @Parameters(paramLabel = "SHELL", description = "${COMPLETION-CANDIDATES}, in any letter case.")
    private Shell shell;

    private enum Shell {
        BASH,
        ZSH
    }

    @Override
    public Integer call() {
        String script = AutoComplete.bash("dunnage", Main.commandLine());
        out().print(shell == Shell.ZSH ? ZSH + script : script);
        return 0;
    }
}
