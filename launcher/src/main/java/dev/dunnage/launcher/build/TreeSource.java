package dev.dunnage.launcher.build;

import dev.dunnage.launcher.definition.Bootstrap;
import dev.dunnage.launcher.definition.Definition;
import dev.dunnage.launcher.definition.DefinitionException;
import dev.dunnage.launcher.definition.Stage;
import dev.dunnage.launcher.oci.OciException;
import dev.dunnage.launcher.oci.OciLayout;
import dev.dunnage.sif.Architecture;
import dev.dunnage.sif.FileSystemKind;
import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.SifFormatException;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifObject;
import dev.dunnage.sif.write.SifWriteException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes the first tree of a stage. */
record TreeSource(BuildSpace space, ImageFinder images, Architecture architecture) {
    /** With this much an unsquashfs ends that could not give a file all its attributes. */
    private static final int PARTLY = 2;

    private static final String DEBIAN = "http://deb.debian.org/debian";

    /** An image by its reference, as a file of this machine. */
    @FunctionalInterface
    interface ImageFinder {
        /** Pulls it, unless it is here already. */
        Path find(String reference) throws Exception;
    }

    void fill(Definition definition, Stage stage, Path tree)
            throws IOException, ToolException, DefinitionException, InterruptedException {
        Bootstrap kind = stage.bootstrap();
        try {
            switch (kind) {
                case SCRATCH -> Files.createDirectory(tree);
                case DEBOOTSTRAP -> debootstrap(stage, tree);
                case LOCALIMAGE -> local(Path.of(stage.value("from").orElseThrow()), tree);
                case OCI -> unpack(converted(stage.value("from").orElseThrow()), tree);
                case DOCKER, ORAS, LIBRARY -> unpack(images.find(reference(kind, stage)), tree);
            }
        } catch (ToolException | SifFormatException | OciException e) {
            throw new ToolException(
                    definition.at(stage.line()) + ": Bootstrap: " + kind.word() + ": " + e.getMessage());
        } catch (IOException | InterruptedException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw definition.error(stage.line(), "Bootstrap: " + kind.word() + ": " + e.getMessage());
        }
    }

    /** What Registry, Namespace and From mean together. */
    static String reference(Bootstrap kind, Stage stage) {
        StringBuilder text = new StringBuilder(kind.word()).append("://");
        if (kind == Bootstrap.LIBRARY) {
            stage.value("library")
                    .ifPresent(host ->
                            text.append(host.replaceFirst("^https?://", "")).append('/'));
        } else {
            stage.value("registry").ifPresent(host -> text.append(host).append('/'));
            stage.value("namespace").ifPresent(name -> text.append(name).append('/'));
        }
        String from = stage.value("from").orElseThrow();
        return text.append(from.replaceFirst("^" + kind.word() + "://", "")).toString();
    }

    private void debootstrap(Stage stage, Path tree) throws IOException, ToolException, InterruptedException {
        Path administrators = Path.of("/usr/sbin/debootstrap"); // where the PATH of users does not lead
        Path program = Files.isExecutable(administrators)
                ? administrators
                : Tool.require("debootstrap", "debootstrap (apt-get install debootstrap)")
                        .path();
        String suite = stage.value("osversion").orElseThrow();
        String mirror = stage.value("mirrorurl").orElse(DEBIAN).replace("%{OSVERSION}", suite);
        if (suite.startsWith("-") || mirror.startsWith("-")) {
            throw new ToolException("OSVersion and MirrorURL do not begin with '-'; give a suite such as bookworm");
        }
        List<String> command =
                new ArrayList<>(List.of(program.toString(), "--variant=minbase", "--arch=" + architecture.label()));
        stage.value("include")
                .ifPresent(
                        packages -> command.add("--include=" + packages.strip().replaceAll("[\\s,]+", ",")));
        command.addAll(List.of(suite, tree.toString(), mirror));
        Files.createDirectory(tree);
        String path = System.getenv().getOrDefault("PATH", "/usr/bin:/bin") + ":/usr/sbin:/sbin";
        // as in a container: it makes no devices then
        int status = space.run(command, Map.of("container", "lxc", "DEBIAN_FRONTEND", "noninteractive", "PATH", path));
        if (status != 0) {
            throw new ToolException("debootstrap ended with status " + status + "; see what it printed");
        }
    }

    private void local(Path from, Path tree)
            throws IOException, ToolException, SifFormatException, InterruptedException {
        if (Files.isDirectory(from)) {
            Files.createDirectory(tree);
            space.must(List.of("cp", "-a", "--", from.toAbsolutePath() + "/.", tree.toString()));
        } else if (Files.isReadable(from)) {
            unpack(from, tree);
        } else {
            throw new ToolException(from + " does not exist or may not be read; check the path");
        }
    }

    private Path converted(String layout)
            throws IOException, OciException, ToolException, SifWriteException, InterruptedException {
        Path target = space.path().resolve("oci.sif");
        OciConverter.usual(bytes -> {}).convert(OciLayout.named(layout, architecture), target);
        return target;
    }

    /** The root file system of an image. */
    void unpack(Path image, Path tree) throws IOException, ToolException, SifFormatException, InterruptedException {
        Tool.require("unsquashfs", "squashfs-tools");
        long offset = root(image).offset();
        List<String> command = List.of(
                "unsquashfs",
                "-no-progress",
                "-quiet",
                "-no-xattrs",
                "-o",
                Long.toString(offset),
                "-d",
                tree.toString(),
                image.toAbsolutePath().toString());
        int status = space.run(command, Map.of());
        if ((status != 0 && status != PARTLY) || !Files.isDirectory(tree, LinkOption.NOFOLLOW_LINKS)) {
            throw new ToolException("unsquashfs ended with status " + status + "; see what it printed");
        }
    }

    private static SifObject root(Path image) throws IOException, ToolException, SifFormatException {
        try (FileChannel channel = FileChannel.open(image)) {
            Optional<SifObject> root = SifImage.read(ImageBytes.of(channel)).objects().stream()
                    .filter(SifObject::isPrimarySystem)
                    .findFirst();
            FileSystemKind kind = root.flatMap(SifObject::partition)
                    .map(partition -> partition.fileSystem())
                    .orElseThrow(() -> new ToolException(image + " has no root file system; give another image"));
            if (kind != FileSystemKind.SQUASHFS) {
                throw new ToolException(image + " has a root file system of the kind " + kind
                        + ", which cannot be built upon; give one with a plain squashfs");
            }
            return root.get();
        }
    }
}
