package dev.dunnage.launcher.build;

import dev.dunnage.launcher.definition.Definition;
import dev.dunnage.launcher.definition.DefinitionException;
import dev.dunnage.launcher.definition.Section;
import dev.dunnage.launcher.definition.Words;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code %files}: from the host, with links followed, or from the tree of another stage, as it is. */
record FileCopies(BuildSpace space, Definition definition) {
    /**
     * Copies what a section says.
     *
     * @param from tree of the stage to copy from; empty: the host, relative to where the command was started
     * @param prefix of targets that are relative, from the tree's root
     */
    void copy(Section section, Optional<Path> from, Path tree, String prefix)
            throws IOException, ToolException, DefinitionException, InterruptedException {
        for (Section.Line line : section.entries()) {
            List<String> words;
            try {
                words = Words.of(line.text());
            } catch (IllegalArgumentException e) {
                throw definition.error(line.number(), "%" + section.name() + ": " + e.getMessage());
            }
            if (words.size() > 2) {
                throw definition.error(
                        line.number(),
                        "%" + section.name() + ": '" + line.text()
                                + "' has more than a source and a target; quote names with blanks");
            }
            String source = words.get(0);
            String target = words.size() == 2 ? words.get(1) : source;
            copy(
                    line.number(),
                    section.name(),
                    sources(line.number(), section.name(), from, source),
                    from.isPresent(),
                    tree,
                    place(prefix, target));
        }
    }

    private static String place(String prefix, String target) {
        return target.startsWith("/") ? target : prefix + "/" + target;
    }

    private List<Path> sources(int line, String section, Optional<Path> from, String source)
            throws IOException, ToolException, DefinitionException {
        List<Path> found = new ArrayList<>();
        if (from.isPresent()) {
            Path whole = Path.of("/").resolve(source).normalize();
            Path parent = whole.getParent() == null ? whole : whole.getParent();
            Path directory = TreePath.resolve(from.get(), parent.toString());
            found.addAll(
                    whole.getFileName() == null
                            ? List.of(directory.resolve("."))
                            : Globs.expand(directory, whole.getFileName()));
        } else {
            found.addAll(Globs.expand(Path.of("").toAbsolutePath(), Path.of(source)));
        }
        if (found.isEmpty()) {
            throw definition.error(
                    line,
                    "%" + section + ": " + source + " does not exist"
                            + (from.isPresent()
                                    ? " in that stage"
                                    : "; paths are meant from where the command is started"));
        }
        return found;
    }

    private void copy(int line, String section, List<Path> sources, boolean asTheyAre, Path tree, String target)
            throws IOException, ToolException, DefinitionException, InterruptedException {
        Path place = TreePath.resolve(tree, target);
        boolean isDirectory = target.endsWith("/") || sources.size() > 1;
        List<String> command = new ArrayList<>();
        command.addAll(List.of("mkdir", "-p", "--", (isDirectory ? place : place.resolveSibling("")).toString()));
        space.must(command);
        command.clear();
        command.addAll(List.of("cp", asTheyAre ? "-a" : "-rL", "--remove-destination", "--"));
        sources.forEach(one -> command.add(one.toString()));
        command.add(Files.isDirectory(place) ? place + "/" : place.toString());
        if (space.run(command, Map.of()) != 0) {
            throw new ToolException(
                    definition.at(line) + ": %" + section + ": copying to " + target + " failed; see what cp printed");
        }
    }
}
