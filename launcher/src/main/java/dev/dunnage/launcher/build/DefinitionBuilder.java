package dev.dunnage.launcher.build;

import dev.dunnage.launcher.definition.Definition;
import dev.dunnage.launcher.definition.DefinitionException;
import dev.dunnage.launcher.definition.Section;
import dev.dunnage.launcher.definition.Stage;
import dev.dunnage.sif.Architecture;
import dev.dunnage.sif.write.SifWriteException;
import dev.dunnage.sif.write.WriteOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Builds an image as a definition file says, without root: in a user namespace. */
public final class DefinitionBuilder {
    private static final String WORK = ".dunnage-build";
    private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private static final Set<String> SHELLS = Set.of("sh", "bash", "dash", "ash", "ksh", "zsh");
    /** Runs a program with the environment of the image as it is by now. */
    private static final String START = """
            for script in /.singularity.d/env/*.sh; do [ -f "$script" ] && . "$script"; done
            cd "${SCIF_APPROOT:-/}" || exit 1
            exec "$@"
            """;
    /** Only in a namespace with one account apt cannot become another one. */
    private static final String APT = "APT::Sandbox::User \"root\";\n";

    private final TreeSource.ImageFinder images;
    private final Choices choices;
    private final Consumer<String> notices;

    /**
     * What the caller wants.
     *
     * @param helper the program {@code dunnage-buildroot}
     * @param noTest whether {@code %test} is left out
     */
    public record Choices(Path helper, Architecture architecture, WriteOptions options, boolean noTest) {}

    /** As {@link TreeSource.ImageFinder}. */
    @FunctionalInterface
    public interface Images {
        /** The file of an image that a reference names. */
        Path find(String reference) throws Exception;
    }

    /**
     * Prepares.
     *
     * @param notices is told what is being done, a line each
     */
    public DefinitionBuilder(Images images, Choices choices, Consumer<String> notices) {
        this.images = images::find;
        this.choices = choices;
        this.notices = notices;
    }

    /**
     * Builds an image.
     *
     * @throws DefinitionException when the definition is at fault
     * @throws ToolException when a section or a tool fails; nothing is left then
     */
    public void image(Definition definition, Path target)
            throws IOException, ToolException, DefinitionException, SifWriteException, InterruptedException {
        Tool.require("mksquashfs", "squashfs-tools");
        try (BuildSpace space = BuildSpace.in(BuildSpace.usualParent(), choices.helper(), notices)) {
            Path tree = tree(space, definition);
            notices.accept("packing");
            Path packed = space.path().resolve("root.squashfs");
            List<String> command = new ArrayList<>(List.of("mksquashfs"));
            command.addAll(ImageBuilder.arguments(tree, packed, choices.options(), !space.keepsOwners()));
            command.addAll(List.of("-quiet", "-no-xattrs"));
            space.must(command);
            ImageBuilder.write(tree, packed, target, choices.architecture(), choices.options());
        }
    }

    /** Builds a tree and leaves it as that. */
    public void sandbox(Definition definition, Path target)
            throws IOException, ToolException, DefinitionException, InterruptedException {
        try (BuildSpace space = BuildSpace.in(BuildSpace.usualParent(), choices.helper(), notices)) {
            Path tree = tree(space, definition);
            space.must(List.of(
                    "mv", "-T", "--", tree.toString(), target.toAbsolutePath().toString()));
        }
    }

    private Path tree(BuildSpace space, Definition definition)
            throws IOException, ToolException, DefinitionException, InterruptedException {
        if (!space.keepsOwners()) {
            notices.accept(
                    "no subordinate ids in /etc/subuid and /etc/subgid, or no newuidmap: all files become root's");
        }
        Map<String, Path> trees = new HashMap<>();
        List<Stage> stages = definition.stages();
        Path tree = space.path();
        for (int at = 0; at < stages.size(); at++) {
            Stage stage = stages.get(at);
            tree = space.path().resolve("stage" + at);
            notices.accept("stage " + stage.name().orElse(Integer.toString(at + 1)) + ": "
                    + stage.bootstrap().word()
                    + stage.value("from").map(from -> " " + from).orElse(""));
            new Run(space, definition, stage, tree, trees).build();
            Path done = tree;
            stage.name().ifPresent(name -> trees.put(name, done));
        }
        return tree;
    }

    /** The building of one stage. */
    private final class Run {
        private final BuildSpace space;
        private final Definition definition;
        private final Stage stage;
        private final Path tree;
        private final Map<String, Path> trees;
        private final TreeMetadata metadata;

        Run(BuildSpace space, Definition definition, Stage stage, Path tree, Map<String, Path> trees) {
            this.space = space;
            this.definition = definition;
            this.stage = stage;
            this.tree = tree;
            this.trees = trees;
            this.metadata = new TreeMetadata(space, tree);
        }

        void build() throws IOException, ToolException, DefinitionException, InterruptedException {
            AppSections apps = new AppSections(definition, stage);
            FileCopies copies = new FileCopies(space, definition);
            onHost("pre");
            new TreeSource(space, images, choices.architecture()).fill(definition, stage, tree);
            metadata.prepare();
            onHost("setup");
            for (Section section : stage.all("files")) {
                copies.copy(section, section.fromStage().map(trees::get), tree, "");
            }
            apps.write(metadata);
            apps.copy(copies, tree);
            String labels = inTree();
            metadata.texts(definition, stage, metadata.labels(definition, stage, choices.architecture(), labels));
            if (!choices.noTest() && stage.joined("test").isPresent()) {
                test(stage.joined("test").get());
            }
        }

        /** As the user, with the tree's place in a variable. */
        private void onHost(String name) throws IOException, ToolException, InterruptedException {
            for (Section section : stage.all(name)) {
                notices.accept("running %" + name + " on this machine, as yourself");
                Path script = Files.writeString(space.path().resolve(name), section.numberedText());
                Map<String, String> more = new TreeMap<>();
                for (String brand : List.of("APPTAINER", "SINGULARITY", "DUNNAGE")) {
                    more.put(brand + "_ROOTFS", tree.toString());
                }
                check(section, space.run(command(section, script.toString()), more));
            }
        }

        private List<String> command(Section section, String script) {
            List<String> command = new ArrayList<>(section.shell());
            String shell = String.valueOf(Path.of(command.get(0)).getFileName());
            if (SHELLS.contains(shell)) {
                command.add("-ex");
            }
            command.add(script);
            return command;
        }

        private void check(Section section, int status) throws ToolException {
            if (status != 0) {
                throw new ToolException(definition.at(section.line()) + ": %" + section.name()
                        + section.app().map(app -> " " + app).orElse("") + " ended with status " + status
                        + "; nothing was built");
            }
        }

        /** Runs the sections that change the tree from within; answers the labels that they leave. */
        private String inTree() throws IOException, ToolException, InterruptedException {
            List<Section> sections = new ArrayList<>(stage.all("post"));
            sections.addAll(stage.all("appinstall"));
            if (sections.isEmpty()) {
                return "";
            }
            needShell(sections.get(0));
            TreeFiles files = new TreeFiles().directory(WORK).file(WORK + "/start", TreeMetadata.bytes(START));
            files.file(WORK + "/labels", new byte[0]).file(WORK + "/apt.conf", TreeMetadata.bytes(APT));
            for (int at = 0; at < sections.size(); at++) {
                files.file(
                        script(sections, at),
                        TreeMetadata.bytes(sections.get(at).numberedText()));
            }
            metadata.extract(files, "--unlink-first");
            for (int at = 0; at < sections.size(); at++) {
                Section section = sections.get(at);
                notices.accept("running %" + section.name()
                        + section.app().map(app -> " " + app).orElse(""));
                List<String> command = new ArrayList<>(List.of("/bin/sh", "/" + WORK + "/start"));
                Section plain = section.app().isPresent()
                        ? new Section(section.name(), List.of(), section.body(), section.line())
                        : section;
                command.addAll(command(plain, "/" + script(sections, at)));
                Map<String, String> variables = variables();
                section.app().ifPresent(app -> variables.putAll(AppSections.variables(app)));
                check(section, space.runIn(tree, command, variables));
            }
            Path labels = tree.resolve(WORK).resolve("labels");
            String found = Files.isRegularFile(labels, LinkOption.NOFOLLOW_LINKS) ? Files.readString(labels) : "";
            space.must(List.of("rm", "-rf", "--", tree.resolve(WORK).toString()));
            return found;
        }

        private String script(List<Section> sections, int at) {
            String name = sections.get(at).name();
            return WORK + "/" + name + (at == 0 || sections.size() == 1 ? "" : "-" + (at + 1));
        }

        private Map<String, String> variables() {
            Map<String, String> variables = new TreeMap<>();
            variables.put("PATH", PATH);
            variables.put("HOME", "/root");
            variables.put("USER", "root");
            variables.put("LC_ALL", "C");
            for (String brand : List.of("APPTAINER", "SINGULARITY", "DUNNAGE")) {
                variables.put(brand + "_ENVIRONMENT", "/.singularity.d/env/91-environment.sh");
                variables.put(brand + "_LABELS", "/" + WORK + "/labels");
            }
            if (!space.keepsOwners()) {
                variables.put("APT_CONFIG", "/" + WORK + "/apt.conf");
            }
            return variables;
        }

        private void needShell(Section section) throws IOException, ToolException {
            if (!metadata.hasShell()) {
                throw new ToolException(definition.at(section.line()) + ": %" + section.name()
                        + " cannot run: the tree has no /bin/sh; bring one with %files or %setup");
            }
        }

        private void test(Section section) throws IOException, ToolException, InterruptedException {
            needShell(section);
            notices.accept("running %test");
            Map<String, String> variables = new TreeMap<>(Map.of("PATH", PATH, "HOME", "/root", "USER", "root"));
            check(section, space.runIn(tree, List.of("/.singularity.d/actions/test"), variables));
        }
    }
}
