package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.cache.CachedImage;
import dev.dunnage.launcher.cache.ImageCache;
import dev.dunnage.launcher.doctor.Machine;
import dev.dunnage.launcher.pull.Nodes;
import dev.dunnage.launcher.pull.Puller;
import dev.dunnage.launcher.pull.Servers;
import dev.dunnage.launcher.reference.FileReference;
import dev.dunnage.launcher.reference.ImageReference;
import dev.dunnage.launcher.reference.LibraryReference;
import dev.dunnage.launcher.reference.ReferenceException;
import dev.dunnage.launcher.reference.RegistryReference;
import dev.dunnage.launcher.reference.WebReference;
import dev.dunnage.policy.SourceSettings;
import dev.dunnage.policy.SourceSettings.PullMode;
import dev.dunnage.policy.SourceSettings.PullTime;
import dev.dunnage.sif.Architecture;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dunnage pull}. */
@Command(
        name = "pull",
        description = {
            "Fetches an image: oras://HOST/NAME:TAG, docker://[HOST/]NAME:TAG (converted), library://..., https://...",
            "What is in the cache is not fetched again; what was begun is gone on with. @sha256:DIGEST pins the content."
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class PullCommand extends BaseCommand {
    @Parameters(
            arity = "1..2",
            paramLabel = "[OUT.sif] REFERENCE",
            description = "File to be made, by default NAME_TAG.sif here, and the image.")
    private List<String> words;

    @Option(
            names = {"-F", "--force"},
            description = "Replace an existing file.")
    private boolean force;

    @Option(
            names = "--arch",
            paramLabel = "NAME",
            description = "Architecture, such as amd64 or arm64; default: this machine's.")
    private Optional<String> architecture = Optional.empty();

    @Option(
            names = "--pull",
            paramLabel = "WHEN",
            description = "Ask the server: missing (what is in no cache), always (for what a tag means now), never."
                    + " Default: the site's setting, else missing.")
    private Optional<String> mode = Optional.empty();

    @Option(names = "--to-cache", description = "Make no file; print the path of the image in the cache.")
    private boolean toCache;

    @Option(
            names = "--to-nodes",
            description =
                    "In a job: fetch it once, and send it by sbcast into the caches of all nodes of the job that share none."
                            + " Makes no file, as --to-cache.")
    private boolean toNodes;

    @Option(
            names = "--print-reference",
            description = "With --to-cache or --to-nodes: print the reference with its digest in place of the path.")
    private boolean printReference;

    @Option(
            names = "--if-at-submit",
            hidden = true,
            description = "Do it only if the site wants images to be pulled when a job is submitted.")
    private boolean ifAtSubmit;

    @Option(
            names = {"-q", "--quiet"},
            description = "No progress bar.")
    private boolean quiet;

    @Mixin
    private CacheOptions caches;

    @Mixin
    private SourceOptions sources;

    @Override
    public Integer call() throws Exception {
        String named = words.get(words.size() - 1);
        SourceSettings settings = sources.settings();
        if (ifAtSubmit && settings.pullAt() != PullTime.SUBMIT) {
            out().println(named);
            return 0;
        }
        ImageReference reference = parse(named);
        Path target = Path.of(words.size() == 2 ? words.get(0) : fileName(reference));
        boolean isKept = toCache || toNodes;
        if (isKept && words.size() == 2) {
            throw new CommandFailure(
                    2, (toNodes ? "--to-nodes" : "--to-cache") + " makes no file; take " + words.get(0) + " away");
        } else if (!isKept && Files.exists(target) && !force) {
            throw new CommandFailure(2, target + " exists; choose another name, or replace it with --force");
        }
        Optional<Nodes> nodes = toNodes ? Optional.of(nodes()) : Optional.empty();
        CachedImage image = pull(settings, reference);
        if (nodes.isPresent()) {
            nodes.get().give(reference, image, caches.cache(settings), line -> {
                err().println("dunnage: " + line);
                err().flush();
            });
        }
        if (isKept) {
            out().println(printReference ? image.pinned() : image.file());
        } else {
            copy(image.file(), target);
            out().println("pulled " + target);
        }
        return 0;
    }

    private Nodes nodes() throws CommandFailure {
        Path prefix = Machine.here()
                .prefix()
                .orElseThrow(
                        () -> new CommandFailure(7, "this is no installation; install Dunnage and call its dunnage"));
        if (architecture.isPresent()) {
            throw new CommandFailure(2, "--arch does not go with --to-nodes, which run what they are; take one away");
        }
        return Nodes.ofJob(System.getenv(), prefix.resolve("bin/dunnage"))
                .orElseThrow(() -> new CommandFailure(
                        2,
                        "--to-nodes goes in a job, and this is none; give it in the script of sbatch, or in salloc"));
    }

    private CachedImage pull(SourceSettings settings, ImageReference reference) throws Exception {
        ImageCache cache = caches.cache(settings);
        try (ProgressBar bar = ProgressBar.on(err(), quiet)) {
            Servers servers = sources.servers(sources.web(settings, bar::tell), settings, host(reference));
            return new Puller(cache, servers, bar, bar::tell).pull(reference, arch(architecture), mode(mode, settings));
        }
    }

    /** Readers see the whole file or none. */
    static void copy(Path from, Path target) throws IOException {
        Path draft = target.toAbsolutePath().resolveSibling("." + target.getFileName() + "-" + UUID.randomUUID());
        try {
            try (FileChannel in = FileChannel.open(from);
                    FileChannel out =
                            FileChannel.open(draft, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                long size = in.size();
                for (long at = 0; at < size; ) {
                    at += in.transferTo(at, size - at, out);
                }
            }
            Files.setPosixFilePermissions(draft, executable(Files.getPosixFilePermissions(draft)));
            Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(draft);
        }
    }

    /** Whoever may read it may run it: images begin with a line that starts them. */
    private static Set<PosixFilePermission> executable(Set<PosixFilePermission> mode) {
        Set<PosixFilePermission> more = EnumSet.copyOf(mode);
        mode.forEach(one -> {
            switch (one) {
                case OWNER_READ -> more.add(PosixFilePermission.OWNER_EXECUTE);
                case GROUP_READ -> more.add(PosixFilePermission.GROUP_EXECUTE);
                case OTHERS_READ -> more.add(PosixFilePermission.OTHERS_EXECUTE);
                default -> {}
            }
        });
        return more;
    }

    static ImageReference parse(String text) throws CommandFailure {
        try {
            ImageReference reference = ImageReference.parse(text);
            if (reference instanceof FileReference) {
                throw new CommandFailure(
                        2,
                        "'" + text + "' is a path, not a reference; write oras://HOST/NAME:TAG, docker://NAME:TAG,"
                                + " library://ENTITY/COLLECTION/NAME:TAG or https://HOST/PATH");
            }
            return reference;
        } catch (ReferenceException e) {
            throw new CommandFailure(2, String.valueOf(e.getMessage()));
        }
    }

    static PullMode mode(Optional<String> word, SourceSettings settings) throws CommandFailure {
        if (word.isEmpty()) {
            return settings.pullMode();
        }
        return Choice.of("--pull", List.of("missing", "always", "never"), List.of(PullMode.values()), PullMode::ordinal)
                .parse(word.get());
    }

    static Architecture arch(Optional<String> name) throws CommandFailure {
        if (name.isEmpty()) {
            return Architecture.host();
        }
        return Architecture.named(name.get())
                .orElseThrow(() -> new CommandFailure(
                        2, "--arch " + name.get() + " is not known; write it as amd64, arm64, ppc64le, riscv64"));
    }

    /** For which an option of plain HTTP is meant. */
    static String host(ImageReference reference) {
        if (reference instanceof RegistryReference registry) {
            return registry.host();
        } else if (reference instanceof LibraryReference library) {
            return library.host().orElse("");
        }
        return "";
    }

    private static String fileName(ImageReference reference) {
        if (reference instanceof RegistryReference named) {
            String tag = named.tag()
                    .or(() -> named.digest().map(digest -> digest.hex().substring(0, 12)))
                    .orElse("latest");
            return named.repository().replaceFirst("^.*/", "") + "_" + tag + ".sif";
        } else if (reference instanceof LibraryReference named) {
            return named.container() + "_" + named.tag() + ".sif";
        } else if (reference instanceof WebReference named) {
            String name = String.valueOf(named.uri().getPath()).replaceFirst("^.*/", "");
            return name.isEmpty() ? "image.sif" : name;
        }
        return "image.sif";
    }
}
