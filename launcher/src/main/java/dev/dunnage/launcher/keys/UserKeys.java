package dev.dunnage.launcher.keys;

import dev.dunnage.sif.key.KeyFacts;
import dev.dunnage.sif.key.KeyRing;
import dev.dunnage.sif.key.KeyRingException;
import dev.dunnage.sif.key.PgpSecretKey;
import dev.dunnage.sif.key.SecretKeyException;
import dev.dunnage.sif.key.SecretKeys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Keys of one user, a file for each import: {@code public/FINGERPRINT.asc} and {@code secret/FINGERPRINT.asc}, readable by
 * the user alone.
 */
public final class UserKeys {
    private static final FileAttribute<Set<PosixFilePermission>> FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final FileAttribute<Set<PosixFilePermission>> DIRECTORY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final Path root;

    /** Makes nothing yet. */
    public UserKeys(Path root) {
        this.root = root;
    }

    /** {@code ~/.dunnage/keys}, by {@code HOME} when that is an absolute path, as other tools do it. */
    public static UserKeys ofHome() {
        String home = System.getenv().getOrDefault("HOME", "");
        String place = home.startsWith("/") ? home : System.getProperty("user.home");
        return new UserKeys(Path.of(place, ".dunnage", "keys"));
    }

    /** Directory of the public keys, which may be absent. */
    public Path publicKeys() {
        return root.resolve("public");
    }

    private Path secretKeys() {
        return root.resolve("secret");
    }

    /** Stores a new key, secret and public part. */
    public void add(PgpSecretKey key) throws IOException {
        String fingerprint = key.facts().fingerprint();
        write(secretKeys(), fingerprint, key.armoredSecret().getBytes(StandardCharsets.UTF_8));
        write(publicKeys(), fingerprint, key.armoredPublic().getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Takes over a file of public keys, or of one secret key.
     *
     * @return facts of the keys in it
     * @throws KeyRingException when the file holds neither
     */
    public List<KeyFacts> importFile(Path file) throws IOException, KeyRingException {
        Optional<PgpSecretKey> secret = secretIn(file);
        if (secret.isPresent()) {
            add(secret.get());
            return List.of(secret.get().facts());
        }
        List<KeyFacts> found = KeyRing.read(file).keys();
        if (!found.isEmpty()) {
            write(publicKeys(), found.get(0).fingerprint(), Files.readAllBytes(file));
        }
        return found;
    }

    private static Optional<PgpSecretKey> secretIn(Path file) throws IOException {
        try {
            return Optional.of(SecretKeys.read(file));
        } catch (SecretKeyException e) {
            return Optional.empty(); // the reader of public keys says what is wrong with other files
        }
    }

    /** Public keys; empty when there are none yet. */
    public KeyRing ring() throws IOException, KeyRingException {
        return Files.isDirectory(publicKeys()) ? KeyRing.read(publicKeys()) : KeyRing.empty();
    }

    /** Content of the file that holds a public key, as it was made or imported. */
    public Optional<byte[]> publicKey(String fingerprint) throws IOException, KeyRingException {
        for (Path file : files(publicKeys())) {
            if (KeyRing.read(file).find(fingerprint).isPresent()) {
                return Optional.of(Files.readAllBytes(file));
            }
        }
        return Optional.empty();
    }

    /** All secret keys. */
    public List<PgpSecretKey> secrets() throws IOException, SecretKeyException {
        List<PgpSecretKey> found = new ArrayList<>();
        for (Path file : files(secretKeys())) {
            found.add(SecretKeys.read(file));
        }
        return found;
    }

    /** The secret key with this fingerprint, in any letter case. */
    public Optional<PgpSecretKey> secret(String fingerprint) throws IOException, SecretKeyException {
        String wanted = fingerprint.toUpperCase(Locale.ROOT);
        return secrets().stream()
                .filter(key -> key.facts().fingerprint().equals(wanted))
                .findFirst();
    }

    private static List<Path> files(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, "*.{asc,pgp}")) {
            entries.forEach(files::add);
        }
        files.sort(null);
        return files;
    }

    private static void write(Path directory, String fingerprint, byte[] content) throws IOException {
        Files.createDirectories(directory, DIRECTORY);
        boolean armored = content.length > 0 && content[0] >= 0;
        Path file = directory.resolve(fingerprint + (armored ? ".asc" : ".pgp"));
        try {
            Files.createFile(file, FILE);
        } catch (FileAlreadyExistsException e) {
            Files.setPosixFilePermissions(file, FILE.value());
        }
        Files.write(file, content, StandardOpenOption.TRUNCATE_EXISTING);
    }
}
