package dev.dunnage.launcher.plan;

import dev.dunnage.policy.OwnershipRule;
import dev.dunnage.policy.SiteFileException;
import dev.dunnage.sif.key.KeyRing;
import dev.dunnage.sif.key.KeyRingException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** The site's public keys. They are parsed only when something is to be verified. */
final class SiteKeys {
    /** Verdicts of an older way of verifying must not live on. */
    private static final String VERIFIER = "dunnage-verifier-1";

    private static final String KEY_FILES = "*.{asc,pgp,gpg}";
    private static final int FILE_LIMIT = 16 << 20;

    private final Path directory;
    private final String generation;

    private SiteKeys(Path directory, String generation) {
        this.directory = directory;
        this.generation = generation;
    }

    /**
     * Reads the key files of a directory; an absent directory holds no key.
     *
     * @throws SiteFileException when somebody could slip a key in
     */
    static SiteKeys open(Path directory, OwnershipRule rule) throws IOException, SiteFileException {
        MessageDigest hash = sha256();
        hash.update(VERIFIER.getBytes(StandardCharsets.UTF_8));
        for (Path file : files(directory)) {
            rule.check(file);
            hash.update(file.getFileName().toString().getBytes(StandardCharsets.UTF_8));
            hash.update(contentHash(file));
        }
        return new SiteKeys(directory, HexFormat.of().formatHex(hash.digest(), 0, 16));
    }

    /** Files that could hold keys, in the order of their names. */
    static List<Path> files(Path directory) throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, KEY_FILES)) {
            entries.forEach(files::add);
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        }
        files.sort(null);
        return files;
    }

    private static byte[] contentHash(Path file) throws IOException {
        if (Files.size(file) > FILE_LIMIT) {
            throw new IOException(file + " is larger than 16 MiB");
        }
        return sha256().digest(Files.readAllBytes(file));
    }

    /** Changes whenever the content of a key file does; characters of file names only. */
    String generation() {
        return generation;
    }

    /** Parses the keys. */
    KeyRing ring() throws IOException, KeyRingException {
        return Files.isDirectory(directory) ? KeyRing.read(directory) : KeyRing.empty();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
