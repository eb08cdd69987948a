package dev.dunnage.launcher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

class HelpTest {
    static List<CommandSpec> commands() {
        List<CommandSpec> found = new ArrayList<>();
        collect(Main.commandLine(), found);
        return found;
    }

    private static void collect(CommandLine command, List<CommandSpec> found) {
        found.add(command.getCommandSpec());
        command.getSubcommands().values().forEach(sub -> collect(sub, found));
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyCommandAndArgumentIsDescribed(CommandSpec command) {
        assertThat(command.usageMessage().description())
                .as(command.qualifiedName())
                .isNotEmpty();
        for (ArgSpec argument : command.args()) {
            assertThat(argument.description())
                    .as(command.qualifiedName() + " " + argument)
                    .isNotEmpty();
            assertThat(argument.description()[0]).endsWith(".");
        }
    }

    @ParameterizedTest
    @MethodSource("commands")
    void helpEndsWell(CommandSpec command) {
        List<Object> words = new ArrayList<>(List.of(command.qualifiedName().split(" ", -1)));
        words.remove(0);
        words.add("--help");
        Command run = Command.run(words.toArray());
        assertThat(run.status()).isZero();
        assertThat(run.out()).contains("Usage: " + command.qualifiedName());
        assertThat(run.err()).isEmpty();
    }

    /** A start with one of these words loads no other command. */
    @Test
    void commandsAreKnownByTheirNames() {
        assertThat(Main.commandLine().getSubcommands().keySet()).containsExactlyElementsOf(Main.NAMES);
    }

    @Test
    void everyPartOfTheCommandLineIsThere() {
        assertThat(commands())
                .extracting(CommandSpec::qualifiedName)
                .contains(
                        "dunnage version",
                        "dunnage verify",
                        "dunnage sign",
                        "dunnage key newpair",
                        "dunnage key import",
                        "dunnage key export",
                        "dunnage key list",
                        "dunnage key remove",
                        "dunnage key search",
                        "dunnage key pull",
                        "dunnage key push",
                        "dunnage inspect",
                        "dunnage sif list",
                        "dunnage sif header",
                        "dunnage sif info",
                        "dunnage sif dump",
                        "dunnage sif new",
                        "dunnage sif add",
                        "dunnage sif del",
                        "dunnage sif setprim",
                        "dunnage build",
                        "dunnage pull",
                        "dunnage push",
                        "dunnage search",
                        "dunnage cache list",
                        "dunnage cache clean",
                        "dunnage cache verify",
                        "dunnage registry login",
                        "dunnage registry logout",
                        "dunnage registry list",
                        "dunnage policy check",
                        "dunnage policy explain",
                        "dunnage policy lint",
                        "dunnage policy test",
                        "dunnage policy import-ecl",
                        "dunnage agent",
                        "dunnage completion");
    }
}
