package dev.dunnage.launcher.cli;

import picocli.CommandLine.Command;

/** {@code dunnage sif}. */
@Command(
        name = "sif",
        description = "Shows and changes the structure of SIF files.",
        subcommands = {
            SifHeaderCommand.class,
            SifListCommand.class,
            SifInfoCommand.class,
            SifDumpCommand.class,
            SifNewCommand.class,
            SifAddCommand.class,
            SifDelCommand.class,
            SifSetPrimCommand.class
        })
final class SifCommand extends BaseCommand {

    @Override
    public Integer call() throws CommandFailure {
        throw new CommandFailure(
                2, "sif wants header, list, info, dump, new, add, del or setprim; see dunnage sif --help");
    }
}
