package dev.dunnage.launcher.cli;

import picocli.CommandLine.Command;

/** {@code dunnage mpi}. */
@Command(
        name = "mpi",
        description = "Tells how MPI programs of an image would run here, and what the nodes offer to them.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {MpiExplainCommand.class, MpiLearnCommand.class})
final class MpiCommand extends BaseCommand {
    @Override
    public Integer call() throws CommandFailure {
        throw new CommandFailure(2, "no command was given; see dunnage mpi --help");
    }
}
