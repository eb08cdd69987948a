package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.build.ImageBuilder;
import dev.dunnage.launcher.build.OciConverter;
import dev.dunnage.launcher.oci.OciLayout;
import dev.dunnage.sif.Architecture;
import dev.dunnage.sif.write.WriteOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dunnage build}. */
@Command(
        name = "build",
        description = {
            "Makes an image of a directory tree or of an OCI image.",
            "Labels, runscript, environment scripts and definition file are taken from .singularity.d in the tree. Wants"
                    + " mksquashfs, and tar2sqfs for OCI images."
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class BuildCommand extends BaseCommand {
    private static final String OCI = "oci:";

    @Parameters(index = "0", paramLabel = "OUT.sif", description = "Image to be made.")
    private Path target;

    @Parameters(
            index = "1",
            paramLabel = "SOURCE",
            description = "Root of a tree, or oci:DIR[:TAG] for an image in an OCI layout.")
    private String source;

    @Option(
            names = {"-F", "--force"},
            description = "Replace an existing image.")
    private boolean force;

    @Option(
            names = "--arch",
            paramLabel = "NAME",
            description = "Architecture of the programs in the tree, such as amd64 or arm64; default: this machine's.")
    private Optional<String> architecture = Optional.empty();

    @Option(
            names = "--reproducible",
            description = "No time and no random id in the image: the same tree makes the same image.")
    private boolean reproducible;

    @Override
    public Integer call() throws Exception {
        if (Files.exists(target) && !force) {
            throw new CommandFailure(2, target + " exists; choose another name, or replace it with --force");
        }
        if (source.startsWith(OCI)) {
            convert(source.substring(OCI.length()));
        } else {
            WriteOptions options =
                    reproducible ? WriteOptions.deterministic() : WriteOptions.at(Instant.now(), UUID.randomUUID());
            ImageBuilder.build(Path.of(source), target, arch(), options);
        }
        out().println("built " + target);
        return 0;
    }

    private void convert(String layout) throws Exception {
        Path whole = Path.of(layout);
        int colon = layout.lastIndexOf(':');
        boolean hasTag = colon > 0 && !Files.exists(whole);
        Path directory = hasTag ? Path.of(layout.substring(0, colon)) : whole;
        Optional<String> tag = hasTag ? Optional.of(layout.substring(colon + 1)) : Optional.empty();
        List<String> remarks = OciConverter.usual(bytes -> {}).convert(OciLayout.read(directory, tag, arch()), target);
        remarks.forEach(remark -> err().println("dunnage: " + remark));
    }

    private Architecture arch() throws CommandFailure {
        if (architecture.isEmpty()) {
            return Architecture.host();
        }
        Optional<Architecture> named = Architecture.named(architecture.get());
        return named.orElseThrow(() -> new CommandFailure(
                2, "--arch " + architecture.get() + " is not known; write it as amd64, arm64, ppc64le, riscv64"));
    }
}
