package dev.dunnage.mpi.tree;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The host's own files, or a directory with the root file system of an image. */
public final class HostTree implements FileTree {
    private final Path root;

    /** Reads nothing yet. */
    public HostTree(Path root) {
        this.root = root;
    }

    @Override
    public Optional<FileNode> node(String path) throws IOException {
        try {
            Path file = file(path);
            BasicFileAttributes found =
                    Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (found.isSymbolicLink()) {
                return Optional.of(FileNode.link(Files.readSymbolicLink(file).toString()));
            } else if (found.isRegularFile()) {
                return Optional.of(FileNode.file(found.size()));
            }
            return Optional.of(FileNode.of(found.isDirectory() ? FileNode.Kind.DIRECTORY : FileNode.Kind.OTHER));
        } catch (NoSuchFileException | AccessDeniedException | InvalidPathException e) {
            return Optional.empty();
        }
    }

    @Override
    public List<String> names(String directory) throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(file(directory))) {
            files.forEach(file -> names.add(TreePaths.name(file.toString())));
        } catch (NoSuchFileException | NotDirectoryException | AccessDeniedException e) {
            return List.of();
        }
        return names;
    }

    @Override
    public FileBytes open(String path) throws IOException {
        FileChannel channel = FileChannel.open(file(path), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
        try {
            return new ChannelBytes(channel, channel.size());
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private Path file(String path) {
        return root.resolve(path.substring(1));
    }

    private record ChannelBytes(FileChannel channel, long size) implements FileBytes {
        @Override
        public int read(long position, byte[] target, int offset, int length) throws IOException {
            return channel.read(ByteBuffer.wrap(target, offset, length), position);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
