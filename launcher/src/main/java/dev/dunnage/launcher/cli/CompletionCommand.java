package dev.dunnage.launcher.cli;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code dunnage completion}. */
@Command(
        name = "completion",
        description = {
            "Prints a script that lets a shell complete the words of this command.",
            "Try it with: source <(dunnage completion bash). For all users, write it to"
                    + " PREFIX/share/bash-completion/completions/dunnage, for fish to"
                    + " PREFIX/share/fish/vendor_completions.d/dunnage.fish, or for zsh to"
                    + " PREFIX/share/zsh/site-functions/_dunnage."
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class CompletionCommand extends BaseCommand {
    private static final String ZSH = "#compdef dunnage\nautoload -U +X bashcompinit && bashcompinit\n";

    @Parameters(paramLabel = "SHELL", description = "${COMPLETION-CANDIDATES}, in any letter case.")
    private Shell shell;

    private enum Shell {
        BASH,
        ZSH,
        FISH
    }

    @Override
    public Integer call() throws IOException {
        out().print(
                        switch (shell) {
                            case BASH -> bash();
                            case ZSH -> ZSH + bash();
                            case FISH ->
                                resource("dunnage.fish")
                                        .replace(
                                                "@JAVA@",
                                                String.join(
                                                        " ",
                                                        Main.commandLine()
                                                                .getSubcommands()
                                                                .keySet()));
                        });
        return 0;
    }

    /** Java's commands as picocli knows them, and before them those that the native command does itself. */
    private static String bash() throws IOException {
        String java = AutoComplete.bash("dunnage", Main.commandLine());
        return java.replaceAll("\\b_complete_dunnage\\b", "_dunnage_java") + resource("front.bash");
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = CompletionCommand.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new FileNotFoundException(name + " is missing from this installation");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
