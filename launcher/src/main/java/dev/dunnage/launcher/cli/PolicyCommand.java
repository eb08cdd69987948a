package dev.dunnage.launcher.cli;

import picocli.CommandLine.Command;

/** {@code dunnage policy}. */
@Command(
        name = "policy",
        description = "Tries a policy out before it counts, and explains what it decides.",
        subcommands = {
            PolicyCheckCommand.class,
            PolicyExplainCommand.class,
            PolicyLintCommand.class,
            PolicyTestCommand.class,
            PolicyImportCommand.class
        })
final class PolicyCommand extends BaseCommand {

    @Override
    public Integer call() throws CommandFailure {
        throw new CommandFailure(2, "policy wants check, explain, lint, test or import-ecl; see dunnage policy --help");
    }
}
