package dev.dunnage.launcher.cli;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
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
        CommandLine commands = Main.commandLine();
        sayFilesAreFiles(commands);
        String java = AutoComplete.bash("dunnage", commands);
        return java.replaceAll("\\b_complete_dunnage\\b", "_dunnage_java") + resource("front.bash");
    }

    /** The generator knows files by the type of the field, and those that may be absent have another one. */
    private static void sayFilesAreFiles(CommandLine command) {
        CommandSpec spec = command.getCommandSpec();
        for (OptionSpec option : List.copyOf(spec.options())) {
            if (mayBeAFile(option)) {
                spec.remove(option);
                spec.addOption(OptionSpec.builder(option.names())
                        .arity("1")
                        .type(Path.class)
                        .build());
            }
        }
        for (PositionalParamSpec word : List.copyOf(spec.positionalParameters())) {
            if (mayBeAFile(word)) {
                spec.remove(word);
                spec.addPositional(PositionalParamSpec.builder()
                        .index(word.index())
                        .arity(word.arity())
                        .paramLabel(word.paramLabel())
                        .type(Path.class)
                        .build());
            }
        }
        command.getSubcommands().values().forEach(CompletionCommand::sayFilesAreFiles);
    }

    private static boolean mayBeAFile(ArgSpec argument) {
        return argument.group() == null
                && argument.typeInfo().isOptional()
                && argument.auxiliaryTypes()[0].equals(Path.class);
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
