package dev.dunnage.launcher.build;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;

/** A private directory for the files of one build; gone when it is closed, and when the command is interrupted or terminated. */
final class WorkDirectory implements AutoCloseable {
    private static final String PREFIX = ".dunnage-build-";

    private final Path path;
    private final Thread cleaner;

    private WorkDirectory(Path path) {
        this.path = path;
        this.cleaner = new Thread(this::delete);
    }

    /** Beneath DUNNAGE_TMPDIR if that is set, else in the directory of a file to be made. */
    static WorkDirectory beside(Path target) throws IOException {
        String configured = System.getenv().getOrDefault("DUNNAGE_TMPDIR", "");
        return in(configured.isEmpty() ? target.toAbsolutePath().resolveSibling("") : Path.of(configured));
    }

    static WorkDirectory in(Path directory) throws IOException {
        WorkDirectory work = new WorkDirectory(Files.createTempDirectory(directory, PREFIX));
        Runtime.getRuntime().addShutdownHook(work.cleaner);
        return work;
    }

    Path path() {
        return path;
    }

    @Override
    public void close() {
        delete();
        Runtime.getRuntime().removeShutdownHook(cleaner);
    }

    private void delete() {
        try {
            Files.walkFileTree(path, new Deleter());
        } catch (IOException e) {
            throw new UncheckedIOException("the work directory " + path + " could not be removed; remove it", e);
        }
    }

    private static final class Deleter extends SimpleFileVisitor<Path> {
        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path directory, IOException failure) throws IOException {
            Files.deleteIfExists(directory);
            return FileVisitResult.CONTINUE;
        }
    }
}
