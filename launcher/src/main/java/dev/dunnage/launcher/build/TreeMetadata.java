package dev.dunnage.launcher.build;

import dev.dunnage.launcher.definition.Bootstrap;
import dev.dunnage.launcher.definition.Definition;
import dev.dunnage.launcher.definition.DefinitionException;
import dev.dunnage.launcher.definition.Section;
import dev.dunnage.launcher.definition.Stage;
import dev.dunnage.sif.Architecture;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Writes {@code /.singularity.d} of a tree. What the base image has there stays, unless the definition says something else. */
record TreeMetadata(BuildSpace space, Path tree) {
    private static final String D = Skeleton.DIRECTORY;
    private static final List<String> NEVER_LINKS =
            List.of(D, D + "/env", D + "/actions", D + "/libs", "scif", "scif/apps", "scif/data");
    private static final String HISTORY = "cd \"$1\" && [ -f Singularity ] || exit 0; mkdir -p bootstrap_history; n=0;"
            + " while [ -e bootstrap_history/Singularity$n ]; do n=$((n + 1)); done;"
            + " mv Singularity bootstrap_history/Singularity$n";

    /** What every image has; with it programs can be run in the tree. */
    void prepare() throws IOException, ToolException, InterruptedException {
        for (String name : NEVER_LINKS) {
            if (Files.isSymbolicLink(tree.resolve(name))) {
                throw new ToolException("/" + name + " of the base image is a link; no image of a builder has that");
            }
        }
        TreeFiles files = new TreeFiles();
        for (String name : OciConverter.DIRECTORIES) {
            if (!Files.exists(tree.resolve(name), LinkOption.NOFOLLOW_LINKS)) {
                files.directory(name, name.endsWith("tmp") ? 01777 : 0755);
            }
        }
        for (String name : OciConverter.FILES) {
            Path file = tree.resolve(name);
            // a link of an init system that leads nowhere here
            if (!Files.exists(TreePath.resolve(tree, name), LinkOption.NOFOLLOW_LINKS)) {
                if (Files.isSymbolicLink(file)) {
                    space.must(List.of("rm", "-f", "--", file.toString()));
                }
                files.file(name, new byte[0]);
            }
        }
        extract(Skeleton.into(files), "--skip-old-files");
    }

    /** Programs run only where a shell is. */
    boolean hasShell() throws IOException, ToolException {
        return Files.exists(TreePath.resolve(tree, "/bin/sh"), LinkOption.NOFOLLOW_LINKS);
    }

    /** Puts files into the tree, in place of what is there. */
    void extract(TreeFiles files, String... options) throws IOException, ToolException, InterruptedException {
        Path tar = Files.write(space.path().resolve("files.tar"), files.toTar());
        List<String> command = new ArrayList<>(List.of("tar", "-C", tree.toString(), "-xpf", tar.toString()));
        command.add("--no-same-owner");
        command.addAll(List.of(options));
        space.must(command);
        Files.delete(tar);
    }

    /** Texts that the definition brings. */
    void texts(Definition definition, Stage stage, Map<String, String> labels)
            throws IOException, ToolException, InterruptedException {
        space.must(List.of("sh", "-c", HISTORY, "sh", tree.resolve(D).toString()));
        TreeFiles files = new TreeFiles();
        files.file(D + "/Singularity", bytes(definition.text()));
        files.file(D + "/labels.json", Skeleton.labels(labels));
        for (String name : List.of("runscript", "startscript", "test")) {
            stage.joined(name).ifPresent(section -> files.script(D + "/" + name, bytes(section.script())));
        }
        stage.joined("environment")
                .ifPresent(section -> files.script(
                        D + "/env/90-environment.sh",
                        bytes("#!/bin/sh\n# The image's own environment.\n\n" + section.text())));
        stage.joined("help").ifPresent(section -> files.file(D + "/runscript.help", bytes(section.text())));
        extract(files, "--unlink-first");
    }

    /**
     * Labels: those of the base image, what is known of the build, and the definition's, the last strongest.
     *
     * @param added by the sections while they ran, lines of a name and a value
     */
    Map<String, String> labels(Definition definition, Stage stage, Architecture architecture, String added)
            throws IOException, ToolException, DefinitionException {
        Map<String, String> labels = new TreeMap<>();
        Optional<byte[]> old = ImageBuilder.content(tree.resolve(D).resolve("labels.json"));
        if (old.isPresent()) {
            labels.putAll(MetadataReader.labels(old.get()));
        }
        String usage = "org.label-schema.usage.singularity.deffile.";
        labels.put("org.label-schema.schema-version", "1.0");
        labels.put("org.label-schema.build-arch", architecture.label());
        labels.put(
                "org.label-schema.build-date",
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        labels.keySet().removeIf(name -> name.startsWith(usage));
        Bootstrap kind = stage.bootstrap();
        labels.put(usage + "bootstrap", kind.word());
        stage.header().forEach((name, value) -> {
            if (!name.equals("bootstrap") && !name.equals("stage")) {
                labels.put(usage + name, value);
            }
        });
        for (Section section : stage.all("labels")) {
            for (Section.Line line : section.entries()) {
                String[] parts = line.text().split("\\s+", 2);
                if (parts.length < 2) {
                    throw definition.error(line.number(), "%labels: '" + line.text() + "' is no name with a value");
                }
                labels.put(parts[0], parts[1]);
            }
        }
        added.lines()
                .map(line -> line.strip().split("\\s+", 2))
                .filter(parts -> parts.length == 2)
                .forEach(parts -> labels.put(parts[0], parts[1]));
        return labels;
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
