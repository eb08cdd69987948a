package dev.dunnage.policy;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Reads {@code dunnage.yaml}; {@link SiteConfig} shows the format. */
public final class SiteConfigLoader {
    static final List<String> KEYS = List.of(
            "version",
            "mount-home",
            "mounts",
            "contact",
            "keys",
            "slurm-commands",
            "mpi-mode",
            "mpi",
            "audit",
            "audit-file",
            "audit-file-size",
            "audit-files",
            "audit-syslog",
            "registries",
            "image-cache",
            "pull",
            "gpu",
            "gpu-absent");
    private static final int MOST_FILES = 1000;
    private static final int MAX_CONTACT = 200;
    private static final Pattern COMMAND = Pattern.compile("[a-z][a-z0-9_-]{0,31}");

    private final OwnershipRule rule;

    /**
     * Makes a loader.
     *
     * @param rule who may own the file
     */
    public SiteConfigLoader(OwnershipRule rule) {
        this.rule = rule;
    }

    /**
     * Reads the site's settings; a file that does not exist means the defaults.
     *
     * @throws SiteFileException with everything that is wrong, when something has that name but cannot be used
     */
    public SiteConfig load(Path file) throws SiteFileException {
        if (SiteFile.isAbsent(file)) {
            return SiteConfig.defaults(file);
        }
        String text = SiteFile.read(file, rule);
        Findings findings = new Findings(file);
        Node tree = YamlTree.parse(text, findings);
        Optional<SiteConfig> config = Section.of(tree, findings, KEYS)
                .filter(Section::hasKnownVersion)
                .map(root -> config(root, findings, SiteConfig.defaults(file)));
        findings.check();
        return config.orElseThrow(() -> new IllegalStateException("no settings and no finding"));
    }

    private static SiteConfig config(Section root, Findings findings, SiteConfig defaults) {
        return new SiteConfig(
                root.node("mount-home").flatMap(root::flag).orElse(defaults.mountHome()),
                root.node("mounts")
                        .flatMap(root::list)
                        .map(items -> mounts(items, findings))
                        .orElse(defaults.mounts()),
                root.node("contact").flatMap(node -> contact(node, findings)).orElse(defaults.contact()),
                root.node("keys").flatMap(node -> path(node, findings)).orElse(defaults.keys()),
                root.node("slurm-commands")
                        .flatMap(root::list)
                        .map(items -> commands(items, findings))
                        .orElse(defaults.slurmCommands()),
                root.node("mpi-mode").flatMap(node -> mpiMode(node, findings)),
                new MpiProfileReader(findings).read(root),
                audit(root, findings, defaults.audit()),
                new SourceReader(findings).read(root),
                gpu(root, findings));
    }

    private static List<String> commands(List<Node> items, Findings findings) {
        List<String> commands = new ArrayList<>();
        for (Node item : items) {
            Optional<String> name = Section.text(item, findings).map(Node.Scalar::text);
            if (name.isPresent() && !COMMAND.matcher(name.get()).matches()) {
                findings.add(item, "'" + name.get() + "' is no name of a command: write one like srun, without a path");
            }
            name.filter(text -> !commands.contains(text)).ifPresent(commands::add);
        }
        return commands;
    }

    private static Optional<MpiMode> mpiMode(Node node, Findings findings) {
        Optional<String> text = Section.text(node, findings).map(Node.Scalar::text);
        Optional<MpiMode> mode = text.flatMap(MpiMode::named);
        if (text.isPresent() && mode.isEmpty()) {
            findings.add(node, "unknown value '" + text.get() + "' (allowed: auto, hybrid, bind, fabric, none)");
        }
        return mode;
    }

    private static GpuSettings gpu(Section root, Findings findings) {
        return new GpuSettings(
                root.node("gpu")
                        .flatMap(node ->
                                word(node, findings, GpuSettings.Standard::named, "none, auto, nvidia, amd, intel"))
                        .orElse(GpuSettings.DEFAULTS.standard()),
                root.node("gpu-absent")
                        .flatMap(node -> word(node, findings, SiteConfigLoader::refusing, "refuse, warn"))
                        .orElse(GpuSettings.DEFAULTS.absentRefused()));
    }

    private static Optional<Boolean> refusing(String word) {
        return word.equals("refuse") || word.equals("warn") ? Optional.of(word.equals("refuse")) : Optional.empty();
    }

    private static <T> Optional<T> word(
            Node node, Findings findings, Function<String, Optional<T>> meaning, String allowed) {
        Optional<String> text = Section.text(node, findings).map(Node.Scalar::text);
        Optional<T> value = text.flatMap(meaning);
        if (text.isPresent() && value.isEmpty()) {
            findings.add(node, "unknown value '" + text.get() + "' (allowed: " + allowed + ")");
        }
        return value;
    }

    private static AuditSettings audit(Section root, Findings findings, AuditSettings defaults) {
        return new AuditSettings(
                root.node("audit").flatMap(node -> required(node, findings)).orElse(defaults.required()),
                root.node("audit-file").flatMap(node -> path(node, findings)).orElse(defaults.file()),
                root.node("audit-file-size")
                        .flatMap(node -> fileSize(node, findings))
                        .orElse(defaults.fileSize()),
                root.node("audit-files")
                        .flatMap(node -> Numbers.whole(node, findings, 1, MOST_FILES))
                        .map(Long::intValue)
                        .orElse(defaults.files()),
                root.node("audit-syslog").flatMap(root::flag).orElse(defaults.syslog()));
    }

    private static Optional<Boolean> required(Node node, Findings findings) {
        Optional<String> text = Section.text(node, findings).map(Node.Scalar::text);
        if (text.isPresent() && !text.get().equals("required") && !text.get().equals("wanted")) {
            findings.add(node, "unknown value '" + text.get() + "' (allowed: required, wanted)");
            return Optional.empty();
        }
        return text.map("required"::equals);
    }

    private static Optional<Long> fileSize(Node node, Findings findings) {
        Optional<Long> size = Numbers.size(node, findings);
        if (size.isPresent() && size.get() < AuditSettings.LEAST_SIZE) {
            findings.add(node, "is less than 64KiB: a file must hold more than a few records");
            return Optional.empty();
        }
        return size;
    }

    private static List<MountSpec> mounts(List<Node> items, Findings findings) {
        List<MountSpec> mounts = new ArrayList<>();
        Map<String, Integer> targets = new HashMap<>();
        for (Node item : items) {
            Optional<MountSpec> mount = Section.text(item, findings).flatMap(text -> mount(text, findings));
            mount.ifPresent(m -> {
                Integer earlier = targets.putIfAbsent(m.target(), item.line());
                if (earlier != null) {
                    findings.add(item, m.target() + " is the target of line " + earlier + " already: keep one");
                }
                mounts.add(m);
            });
        }
        return mounts;
    }

    private static Optional<MountSpec> mount(Node.Scalar text, Findings findings) {
        try {
            return Optional.of(MountSpec.parse(text.text()));
        } catch (IllegalMountException e) {
            findings.add(text, String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    private static Optional<String> contact(Node node, Findings findings) {
        Optional<String> contact = Section.text(node, findings).map(Node.Scalar::text);
        if (contact.isPresent() && contact.get().length() > MAX_CONTACT) {
            findings.add(node, "is longer than " + MAX_CONTACT + " characters: it goes into one-line messages");
        }
        return contact;
    }

    static Optional<Path> path(Node node, Findings findings) {
        Optional<String> text = Section.text(node, findings).map(Node.Scalar::text);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            Path path = Path.of(text.get());
            if (path.isAbsolute()) {
                return Optional.of(path.normalize());
            }
            findings.add(node, "'" + text.get() + "' is relative: write an absolute path");
        } catch (InvalidPathException e) {
            findings.add(node, "'" + text.get() + "' is no path in this locale: run with LC_ALL=C.UTF-8");
        }
        return Optional.empty();
    }
}
