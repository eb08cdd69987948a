package dev.dunnage.launcher.build;

import dev.dunnage.sif.Architecture;
import dev.dunnage.sif.SifLayout;
import dev.dunnage.sif.write.ObjectSpec;
import dev.dunnage.sif.write.SifWriteException;
import dev.dunnage.sif.write.SifWriter;
import dev.dunnage.sif.write.WriteOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** Makes an image from a directory tree. */
public final class ImageBuilder {
    private static final Duration PATIENCE = Duration.ofHours(6);
    private static final int OUTPUT_LIMIT = 1 << 24;
    private static final long METADATA_LIMIT = 16 << 20;

    private ImageBuilder() {}

    /**
     * Packs the tree with zstd, all files owned by root, and writes the image. Definition file, labels, runscript and
     * environment come from {@code /.singularity.d} of the tree where they exist.
     *
     * @throws ToolException when mksquashfs is missing or fails
     */
    public static void build(Path tree, Path target, Architecture architecture, WriteOptions options)
            throws IOException, ToolException, SifWriteException {
        if (!Files.isDirectory(tree)) {
            throw new ToolException(tree + " is not a directory; give the root of the tree to pack");
        }
        Tool mksquashfs = Tool.require("mksquashfs", "squashfs-tools");
        Path work = Files.createTempDirectory(target.toAbsolutePath().getParent(), ".dunnage-build");
        Path packed = work.resolve("root.squashfs");
        try {
            mksquashfs.run(arguments(tree, packed, options, true), OUTPUT_LIMIT, PATIENCE);
            write(tree, packed, target, architecture, options);
        } finally {
            Files.deleteIfExists(packed);
            Files.deleteIfExists(work);
        }
    }

    /** The image of a tree that is packed already. */
    static void write(Path tree, Path packed, Path target, Architecture architecture, WriteOptions options)
            throws IOException, ToolException, SifWriteException {
        SifWriter.create(target, options, objects(tree, packed, architecture));
    }

    /** For mksquashfs. */
    static List<String> arguments(Path tree, Path packed, WriteOptions options, boolean allRoot) {
        List<String> arguments = new ArrayList<>();
        Collections.addAll(arguments, tree.toAbsolutePath().toString(), packed.toString(), "-noappend");
        if (allRoot) {
            arguments.add("-all-root");
        }
        Collections.addAll(arguments, "-comp", "zstd", "-Xcompression-level", "3", "-no-progress");
        if (options.time() == SifLayout.NO_TIME) {
            Collections.addAll(arguments, "-mkfs-time", "0"); // else the superblock tells when it was packed
        }
        return arguments;
    }

    private static List<ObjectSpec> objects(Path tree, Path packed, Architecture architecture)
            throws IOException, ToolException {
        Path metadata = tree.resolve(".singularity.d");
        List<ObjectSpec> objects = new ArrayList<>();
        Optional<byte[]> definition = content(metadata.resolve("Singularity"));
        definition.ifPresent(text -> objects.add(new ObjectSpec.DefinitionFile(text)));
        if (Files.isDirectory(metadata, LinkOption.NOFOLLOW_LINKS)) {
            byte[] json = MetadataFiles.assemble(MetadataFiles.ofTree(tree)).toJson();
            objects.add(new ObjectSpec.GenericJson(InspectMetadata.NAME, json));
        }
        objects.add(new ObjectSpec.PrimaryPartition(packed, architecture));
        return objects;
    }

    /** A link in a tree may lead out of it: only files count. */
    static Optional<byte[]> content(Path file) throws IOException, ToolException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        if (Files.size(file) > METADATA_LIMIT) {
            throw new ToolException(file + " is larger than 16 MiB; metadata must be small");
        }
        return Optional.of(Files.readAllBytes(file));
    }
}
