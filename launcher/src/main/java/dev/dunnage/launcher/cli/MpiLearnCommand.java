package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.mpi.HostProfile;
import dev.dunnage.launcher.wire.Code;
import dev.dunnage.mpi.host.HostScan;
import dev.dunnage.mpi.tree.HostTree;
import dev.dunnage.mpi.tree.TreePaths;
import dev.dunnage.policy.MpiProfile;
import dev.dunnage.policy.OwnershipRule;
import dev.dunnage.policy.SiteConfigLoader;
import dev.dunnage.policy.SiteFileException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dunnage mpi learn}. */
@Command(
        name = "learn",
        description = {
            "Looks for MPI on this machine, which should be a compute node, and writes what it found as the key mpi of"
                    + " dunnage.yaml: Slurm's PMI plug-ins, MPI installations, and the libraries that belong together with"
                    + " the components that they load. Nothing of it is run.",
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class MpiLearnCommand extends BaseCommand {
    @Option(
            names = "--directory",
            paramLabel = "DIR",
            description =
                    "Look here as well, for MPI that the loader does not know, such as /opt/openmpi; may be repeated.")
    private List<Path> directories = new ArrayList<>();

    @Option(names = "--output", paramLabel = "FILE", description = "Write to a new file instead of the terminal.")
    private Optional<Path> output = Optional.empty();

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() throws Exception {
        for (Path directory : directories) {
            if (!directory.isAbsolute() || !Files.isDirectory(directory)) {
                throw new CommandFailure(
                        Code.REQUEST.exitStatus(),
                        "--directory " + directory + ": give the absolute path of a directory");
            }
        }
        MpiProfile profile = HostProfile.of(HostScan.of(
                new TreePaths(new HostTree(Path.of("/"))),
                directories.stream().map(Path::toString).toList()));
        String section = HostProfile.yaml(profile);
        check(section);
        String text = json.wanted() ? JsonLine.of(HostProfile.members(profile)) + "\n" : section;
        if (output.isPresent()) {
            write(output.get(), text);
        } else {
            out().print(text);
        }
        return 0;
    }

    private static void write(Path file, String text) throws IOException, CommandFailure {
        try {
            Files.writeString(file, text, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        } catch (FileAlreadyExistsException e) {
            throw new CommandFailure(
                    Code.REQUEST.exitStatus(), "--output " + file + ": exists already; give the name of a new file");
        }
    }

    /** What is written can be read: a path with a line feed, say, could not. */
    private static void check(String section) throws IOException, SiteFileException {
        Path file = Files.createTempFile("dunnage-learned", ".yaml");
        try {
            Files.writeString(file, "version: 1\n" + section);
            new SiteConfigLoader(OwnershipRule.any()).load(file);
        } finally {
            Files.delete(file);
        }
    }
}
