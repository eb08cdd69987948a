package dev.dunnage.policy;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads a policy file and the files that it includes; each of them once, its own rules before those it includes. */
final class Sources {
    static final List<String> MAIN_KEYS = List.of("version", "ecl", "include", "key-groups", "deny-keys", "rules");
    static final List<String> INCLUDED_KEYS = List.of("version", "include", "key-groups", "deny-keys", "rules");
    private static final int MAX_FILES = 64;

    private final OwnershipRule rule;
    private final List<Source> sources = new ArrayList<>();
    private final List<Path> directories = new ArrayList<>();
    private final Map<Path, String> includedFrom = new HashMap<>();

    private Sources(OwnershipRule rule) {
        this.rule = rule;
    }

    /**
     * Reads the main file and all others. What is wrong inside a file is among its findings.
     *
     * @throws SiteFileException when the main file cannot be read at all
     */
    static Sources read(Path main, OwnershipRule rule) throws SiteFileException {
        Sources all = new Sources(rule);
        all.includedFrom.put(identity(main), "itself");
        all.add(main, SiteFile.read(main, rule), MAIN_KEYS);
        return all;
    }

    /** In the order in which their rules are looked at. */
    List<Source> sources() {
        return sources;
    }

    /** Every file, the main one first, then the included directories. */
    List<Path> files() {
        List<Path> files = new ArrayList<>(sources.stream().map(Source::file).toList());
        files.addAll(directories);
        return files;
    }

    List<Problem> problems() {
        return sources.stream()
                .flatMap(source -> source.findings().sorted().stream())
                .toList();
    }

    private void add(Path file, String text, List<String> keys) {
        Findings findings = new Findings(file);
        Optional<Node> tree = parse(text, findings);
        Optional<Section> usable =
                tree.flatMap(root -> Section.of(root, findings, keys)).filter(Section::hasKnownVersion);
        sources.add(new Source(file, text, findings, tree, usable));
        usable.flatMap(section -> section.node("include"))
                .ifPresent(node -> Section.oneOrMore(node, findings).forEach(item -> include(item, file, findings)));
    }

    private static Optional<Node> parse(String text, Findings findings) {
        try {
            return Optional.of(YamlTree.parse(text, findings));
        } catch (SiteFileException e) {
            return Optional.empty(); // the findings hold what it says
        }
    }

    private void include(Node item, Path from, Findings findings) {
        Optional<String> text = Section.text(item, findings).map(Node.Scalar::text);
        if (text.isEmpty()) {
            return;
        }
        try {
            Path path = from.resolveSibling(text.get()).normalize();
            if (Files.isDirectory(path)) {
                includeDirectory(item, path, findings);
            } else {
                includeFile(item, path, findings);
            }
        } catch (InvalidPathException e) {
            findings.add(item, "'" + text.get() + "' is no path in this locale: run with LC_ALL=C.UTF-8");
        }
    }

    private void includeDirectory(Node item, Path directory, Findings findings) {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, "*.yaml")) {
            found.forEach(file -> {
                if (!file.getFileName().toString().startsWith(".")) { // lock files of editors
                    files.add(file);
                }
            });
        } catch (IOException | DirectoryIteratorException e) {
            findings.add(item, "directory " + directory + " cannot be read: chmod 755 it");
            return;
        }
        if (files.isEmpty()) {
            findings.add(item, "directory " + directory + " holds no *.yaml file: add one or take the line out");
        }
        directories.add(directory);
        files.stream().sorted().forEach(file -> includeFile(item, file, findings));
    }

    private void includeFile(Node item, Path file, Findings findings) {
        String place = findings.file() + ":" + item.line();
        String earlier = includedFrom.putIfAbsent(identity(file), place);
        if (earlier != null) {
            findings.add(
                    item,
                    earlier.equals("itself")
                            ? file + " is the policy itself: a file must not include itself"
                            : file + " is included by " + earlier + " already: include it once");
            return;
        }
        if (sources.size() >= MAX_FILES) {
            findings.add(item, "is the file after the first " + MAX_FILES + ": join some");
            return;
        }
        try {
            add(file, SiteFile.read(file, rule), INCLUDED_KEYS);
        } catch (SiteFileException e) {
            e.problems().forEach(problem -> findings.add(item, problem.file() + " " + problem.message()));
        }
    }

    private static Path identity(Path file) {
        try {
            return file.toRealPath();
        } catch (IOException e) {
            return file.toAbsolutePath().normalize();
        }
    }
}
