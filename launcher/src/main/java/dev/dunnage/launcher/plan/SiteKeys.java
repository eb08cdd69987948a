package dev.dunnage.launcher.plan;

import dev.dunnage.policy.OwnershipRule;
import dev.dunnage.policy.SiteFileException;
import dev.dunnage.sif.key.KeyRing;
import dev.dunnage.sif.key.KeyRingException;
import dev.dunnage.sif.key.PemKeys;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The site's public keys, as their files were at one moment. They are parsed only when something is to be verified.
 * Thread-safe.
 */
public final class SiteKeys {
    /** Verdicts of an older way of verifying must not live on. */
    private static final String VERIFIER = "dunnage-verifier-2";

    private static final String KEY_FILES = "*.{asc,pgp,gpg,pem}";
    private static final String PEM = ".pem";
    private static final int FILE_LIMIT = 16 << 20;

    private final Map<String, byte[]> pgp = new LinkedHashMap<>();
    private final Map<String, byte[]> pem = new LinkedHashMap<>();
    private final String generation;
    private Optional<KeyRing> ring = Optional.empty();
    private Optional<PemKeys> pemKeys = Optional.empty();

    private SiteKeys(Map<String, byte[]> contents) {
        MessageDigest hash = sha256();
        hash.update(VERIFIER.getBytes(StandardCharsets.UTF_8));
        contents.forEach((file, content) -> {
            (file.endsWith(PEM) ? pem : pgp).put(file, content);
            hash.update(file.getBytes(StandardCharsets.UTF_8));
            hash.update(sha256().digest(content));
        });
        this.generation = HexFormat.of().formatHex(hash.digest(), 0, 16);
    }

    /**
     * Reads the key files of a directory; an absent directory holds no key.
     *
     * @throws SiteFileException when somebody could slip a key in
     */
    public static SiteKeys open(Path directory, OwnershipRule rule) throws IOException, SiteFileException {
        Map<String, byte[]> contents = new LinkedHashMap<>();
        for (Path file : files(directory)) {
            rule.check(file);
            if (Files.size(file) > FILE_LIMIT) {
                throw new IOException(file + " is larger than 16 MiB");
            }
            contents.put(file.toString(), Files.readAllBytes(file));
        }
        return new SiteKeys(contents);
    }

    /** Keys for a trial, from files and directories that anybody may own. */
    public static SiteKeys of(List<Path> places) throws IOException {
        Map<String, byte[]> contents = new LinkedHashMap<>();
        for (Path place : places) {
            for (Path file : Files.isDirectory(place) ? files(place) : List.of(place)) {
                contents.put(file.toString(), Files.readAllBytes(file));
            }
        }
        return new SiteKeys(contents);
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

    /** Changes whenever the content of a key file does; characters of file names only. */
    String generation() {
        return generation;
    }

    /** The OpenPGP keys. */
    public synchronized KeyRing ring() throws KeyRingException {
        if (ring.isEmpty()) {
            try {
                ring = Optional.of(KeyRing.read(pgp));
            } catch (IOException e) {
                throw new IllegalStateException("reading from memory failed", e);
            }
        }
        return ring.get();
    }

    /** The PEM keys. */
    public synchronized PemKeys pemKeys() throws KeyRingException {
        if (pemKeys.isEmpty()) {
            pemKeys = Optional.of(PemKeys.read(pem));
        }
        return pemKeys.get();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
