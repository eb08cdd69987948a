package dev.dunnage.launcher.mpi;

import dev.dunnage.mpi.tree.FileBytes;
import dev.dunnage.mpi.tree.FileNode;
import dev.dunnage.mpi.tree.FileTree;
import dev.dunnage.sif.FileSystemKind;
import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.SifFormatException;
import dev.dunnage.sif.SifObject;
import dev.dunnage.sif.squashfs.SquashfsFile;
import dev.dunnage.sif.squashfs.SquashfsReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/** The root file system of an image as a tree. Not thread-safe. */
public final class ImageTree implements FileTree {
    private final SquashfsReader squashfs;

    private ImageTree(SquashfsReader squashfs) {
        this.squashfs = squashfs;
    }

    /**
     * Opens the root file system; empty when it is no plain squashfs.
     *
     * @throws SifFormatException when it claims to be one and is not
     */
    public static Optional<ImageTree> open(ImageBytes bytes, SifObject root) throws IOException, SifFormatException {
        boolean plain = root.partition()
                .filter(partition -> partition.fileSystem() == FileSystemKind.SQUASHFS)
                .isPresent();
        return plain
                ? Optional.of(new ImageTree(SquashfsReader.open(bytes, root.offset(), root.size())))
                : Optional.empty();
    }

    @Override
    public Optional<FileNode> node(String path) throws IOException {
        return squashfs.entry(path).map(entry -> switch (entry.kind()) {
            case "file" -> FileNode.file(entry.size());
            case "link" -> FileNode.link(entry.target());
            case "directory" -> FileNode.of(FileNode.Kind.DIRECTORY);
            default -> FileNode.of(FileNode.Kind.OTHER);
        });
    }

    @Override
    public List<String> names(String directory) throws IOException {
        return squashfs.names(directory);
    }

    @Override
    public List<String> directories(String directory) throws IOException {
        return squashfs.directories(directory);
    }

    @Override
    public FileBytes open(String path) throws IOException {
        return new Content(squashfs.file(path));
    }

    private record Content(SquashfsFile file) implements FileBytes {
        @Override
        public long size() {
            return file.size();
        }

        @Override
        public int read(long position, byte[] target, int offset, int length) throws IOException {
            return file.read(ByteBuffer.wrap(target, offset, length), position);
        }

        @Override
        public void close() {}
    }
}
