package dev.dunnage.policy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Reads the key {@code mpi} of {@code dunnage.yaml}; {@link MpiProfile} shows the form. */
final class MpiProfileReader {
    static final List<String> KEYS = List.of("slurm", "pmix", "glibc", "installations", "sets");
    static final List<String> INSTALLATION_KEYS = List.of("family", "version", "library", "glibc", "launchers");
    static final List<String> SET_KEYS = List.of("name", "directory", "glibc", "libraries");
    private static final List<String> FAMILIES = List.of("openmpi", "mpich", "cray", "standard", "unknown");
    private static final Pattern SLURM_TYPE = Pattern.compile("[a-z][a-z0-9_]{0,31}");
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,31}");
    private static final Pattern VERSION = Pattern.compile("[0-9][0-9A-Za-z.+-]{0,31}");
    private static final Pattern GLIBC = Pattern.compile("[0-9]{1,4}\\.[0-9]{1,4}(?:\\.[0-9]{1,4})?");

    private final Findings findings;

    MpiProfileReader(Findings findings) {
        this.findings = findings;
    }

    Optional<MpiProfile> read(Section root) {
        return root.node("mpi")
                .flatMap(node -> Section.of(node, findings, KEYS))
                .map(section -> new MpiProfile(
                        texts(
                                section,
                                "slurm",
                                node -> matching(node, SLURM_TYPE, "a value of srun --mpi, such as pmix")),
                        version(section, "pmix"),
                        glibc(section),
                        texts(section, "installations", this::installation),
                        texts(section, "sets", this::set)));
    }

    private <T> List<T> texts(Section section, String key, Function<Node, Optional<T>> reader) {
        List<T> values = new ArrayList<>();
        section.node(key)
                .flatMap(section::list)
                .ifPresent(items -> items.forEach(item -> reader.apply(item).ifPresent(values::add)));
        return values;
    }

    private Optional<MpiProfile.Installation> installation(Node item) {
        Optional<Section> section = Section.of(item, findings, INSTALLATION_KEYS);
        if (section.isEmpty()) {
            return Optional.empty();
        }
        Section one = section.get();
        Optional<String> family = one.required("family", "write one of " + String.join(", ", FAMILIES))
                .flatMap(this::family);
        Optional<Path> library =
                one.required("library", "write the path of the MPI library").flatMap(this::path);
        Optional<String> version = version(one, "version");
        Optional<String> glibc = glibc(one);
        List<Path> launchers = texts(one, "launchers", this::path);
        return family.flatMap(
                kind -> library.map(file -> new MpiProfile.Installation(kind, version, file, glibc, launchers)));
    }

    private Optional<MpiProfile.ComponentSet> set(Node item) {
        Optional<Section> section = Section.of(item, findings, SET_KEYS);
        if (section.isEmpty()) {
            return Optional.empty();
        }
        Section one = section.get();
        Optional<String> name = one.required("name", "write a name such as ucx")
                .flatMap(node -> matching(node, NAME, "a name in lower case, such as ucx"));
        Optional<Path> directory = one.required("directory", "write the directory of the components")
                .flatMap(this::path);
        Optional<String> glibc = glibc(one);
        List<Path> libraries = texts(one, "libraries", this::path);
        return name.flatMap(text -> directory.map(place -> new MpiProfile.ComponentSet(text, place, glibc, libraries)));
    }

    private Optional<String> family(Node node) {
        Optional<String> text = Section.text(node, findings).map(Node.Scalar::text);
        if (text.isPresent() && !FAMILIES.contains(text.get())) {
            findings.add(node, "unknown value '" + text.get() + "' (allowed: " + String.join(", ", FAMILIES) + ")");
            return Optional.empty();
        }
        return text;
    }

    private Optional<String> version(Section section, String key) {
        return section.node(key).flatMap(node -> matching(node, VERSION, "a version such as \"4.1.4\""));
    }

    private Optional<String> glibc(Section section) {
        return section.node("glibc")
                .flatMap(node -> matching(node, GLIBC, "a version of glibc in quotes, such as \"2.36\""));
    }

    private Optional<String> matching(Node node, Pattern form, String what) {
        Optional<String> text = Section.text(node, findings).map(Node.Scalar::text);
        if (text.isPresent() && !form.matcher(text.get()).matches()) {
            findings.add(node, "must be " + what + ", not '" + text.get() + "'");
            return Optional.empty();
        }
        return text;
    }

    private Optional<Path> path(Node node) {
        return SiteConfigLoader.path(node, findings);
    }
}
