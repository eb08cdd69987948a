package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.build.DefinitionBuilder;
import dev.dunnage.launcher.build.ImageBuilder;
import dev.dunnage.launcher.build.OciConverter;
import dev.dunnage.launcher.cache.CachedImage;
import dev.dunnage.launcher.definition.Definition;
import dev.dunnage.launcher.definition.DefinitionParser;
import dev.dunnage.launcher.doctor.Machine;
import dev.dunnage.launcher.oci.OciLayout;
import dev.dunnage.launcher.pull.Puller;
import dev.dunnage.launcher.pull.Servers;
import dev.dunnage.launcher.reference.ImageReference;
import dev.dunnage.policy.SourceSettings;
import dev.dunnage.sif.Architecture;
import dev.dunnage.sif.write.WriteOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dunnage build}. */
@Command(
        name = "build",
        description = {
            "Makes an image of a definition file, a directory tree, another image or an image in a registry.",
            "Definition files are Apptainer's, and built without root: in a user namespace, with the ids of /etc/subuid and newuidmap"
                    + " where there are some, else all files become root's. Sections %%pre and %%setup run on this machine"
                    + " as yourself, %%post and %%test in the tree. Wants mksquashfs, unsquashfs for images to build upon, tar2sqfs for"
                    + " layers, debootstrap for Bootstrap: debootstrap. Trees lie in DUNNAGE_TMPDIR, TMPDIR or /tmp meanwhile."
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class BuildCommand extends BaseCommand {
    private static final String OCI = "oci:";
    private static final int DEFINITION_LIMIT = 1 << 20;
    private static final int MAGIC_AT = 32;
    private static final String MAGIC = "SIF_MAGIC";

    @Parameters(index = "0", paramLabel = "OUT.sif", description = "Image to be made.")
    private Path target;

    @Parameters(
            index = "1",
            paramLabel = "SOURCE",
            description =
                    "Definition file, root of a tree, image, reference such as docker://alpine, or oci:DIR[:TAG] for an image in an"
                            + " OCI layout.")
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

    @Option(
            names = {"-s", "--sandbox"},
            description = "Leave a directory tree in place of an image, of a definition, an image or a reference.")
    private boolean sandbox;

    @Mixin
    private DefinitionOptions choices;

    @Option(
            names = {"-T", "--notest"},
            description = "Do not run %%test.")
    private boolean noTest;

    @Option(names = "--sign", description = "Sign the image before it gets its name.")
    private boolean sign;

    @Mixin
    private SigningKey key;

    @Mixin
    private SlurmBuild slurm;

    @Mixin
    private CacheOptions caches;

    @Mixin
    private SourceOptions sources;

    @Override
    public Integer call() throws Exception {
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS) && !(force && !sandbox)) {
            throw new CommandFailure(
                    2,
                    target + " exists; choose another name, or " + (sandbox ? "remove it" : "replace it with --force"));
        } else if (sandbox && sign) {
            throw new CommandFailure(2, "--sign is for images, not for the tree of --sandbox; take one of them away");
        }
        arch();
        if (slurm.wanted()) {
            return slurm.run(this, prefix());
        }
        if (sandbox) {
            builder().sandbox(definitionOfSource(), target);
        } else {
            image();
        }
        out().println("built " + target);
        return 0;
    }

    /** Nobody sees an image that is not signed yet. */
    private void image() throws Exception {
        Path draft = target.toAbsolutePath().resolveSibling("." + target.getFileName() + ".build-" + UUID.randomUUID());
        draft.toFile().deleteOnExit(); // also when the command is interrupted
        try {
            make(draft);
            if (sign) {
                key.signing().sign(draft, OptionalLong.empty(), key.passphrase());
            }
            Files.move(draft, target.toAbsolutePath(), StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(draft);
        }
    }

    private void make(Path draft) throws Exception {
        if (source.startsWith(OCI)) {
            OciConverter.usual(bytes -> {})
                    .convert(OciLayout.named(source.substring(OCI.length()), arch()), draft)
                    .forEach(this::tell);
        } else if (isReference(source)) {
            PullCommand.copy(pulled(source), draft);
        } else if (Files.isDirectory(Path.of(source))) {
            ImageBuilder.build(Path.of(source), draft, arch(), options());
        } else if (isImage(Path.of(source))) {
            PullCommand.copy(Path.of(source), draft);
        } else {
            builder().image(definition(Path.of(source)), draft);
        }
    }

    private static boolean isReference(String text) {
        return text.contains("://") || text.startsWith("library:");
    }

    private static boolean isImage(Path file) throws IOException, CommandFailure {
        if (!Files.isRegularFile(file)) {
            throw new CommandFailure(
                    5, file + " is no file or directory; give a definition file, a tree, an image or a reference");
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] start = in.readNBytes(MAGIC_AT + MAGIC.length());
            return new String(start, StandardCharsets.ISO_8859_1).startsWith(MAGIC, MAGIC_AT);
        }
    }

    private Definition definition(Path file) throws Exception {
        if (Files.size(file) > DEFINITION_LIMIT) {
            throw new CommandFailure(
                    2, file + " is larger than 1 MiB: no definition file; give one, or an image or a tree");
        }
        String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        return choices.choose(DefinitionParser.parse(source, text, choices.arguments()));
    }

    /** For trees: what is no definition becomes one. */
    private Definition definitionOfSource() throws Exception {
        String header;
        if (isReference(source)) {
            int end = source.indexOf(':');
            header = "Bootstrap: " + source.substring(0, end) + "\nFrom: "
                    + source.substring(end + 1).replaceFirst("^//", "");
        } else if (source.startsWith(OCI)) {
            header = "Bootstrap: oci\nFrom: " + source.substring(OCI.length());
        } else if (Files.isDirectory(Path.of(source)) || isImage(Path.of(source))) {
            header = "Bootstrap: localimage\nFrom: " + source;
        } else {
            return definition(Path.of(source));
        }
        return DefinitionParser.parse(source, header + "\n", Map.of());
    }

    private DefinitionBuilder builder() throws CommandFailure {
        Path helper = prefix().resolve("libexec/dunnage/dunnage-buildroot");
        return new DefinitionBuilder(
                this::pulled, new DefinitionBuilder.Choices(helper, arch(), options(), noTest), this::tell);
    }

    private static Path prefix() throws CommandFailure {
        return Machine.here()
                .prefix()
                .orElseThrow(
                        () -> new CommandFailure(7, "this is no installation; install Dunnage and call its dunnage"));
    }

    private Path pulled(String text) throws Exception {
        ImageReference reference = PullCommand.parse(text);
        SourceSettings settings = sources.settings();
        try (ProgressBar bar = ProgressBar.on(err(), false)) {
            Servers servers = sources.servers(sources.web(settings, bar::tell), settings, PullCommand.host(reference));
            CachedImage image = new Puller(caches.cache(settings), servers, bar, bar::tell)
                    .pull(reference, arch(), settings.pullMode());
            return image.file();
        }
    }

    private WriteOptions options() {
        return reproducible ? WriteOptions.deterministic() : WriteOptions.at(Instant.now(), UUID.randomUUID());
    }

    private void tell(String line) {
        err().println("dunnage: " + line);
        err().flush();
    }

    private Architecture arch() throws CommandFailure {
        return PullCommand.arch(architecture);
    }
}
