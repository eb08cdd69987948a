package dev.dunnage.launcher.keys;

import dev.dunnage.sif.key.KeyFacts;
import dev.dunnage.sif.key.KeyRing;
import dev.dunnage.sif.key.KeyRingException;
import dev.dunnage.sif.key.PgpSecretKey;
import dev.dunnage.sif.key.SecretKeyException;
import dev.dunnage.sif.key.SecretKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Keys of one user, a file for each key: {@code public/FINGERPRINT.asc} and {@code secret/FINGERPRINT.asc}, readable by
 * the user alone.
 */
public final class UserKeys {
    private final KeyFiles open;
    private final KeyFiles secret;

    /** Makes nothing yet. */
    public UserKeys(Path root) {
        this.open = new KeyFiles(root.resolve("public"));
        this.secret = new KeyFiles(root.resolve("secret"));
    }

    /** The user's home, by {@code HOME} when that is an absolute path, as other tools do it. */
    public static Path home() {
        String home = System.getenv().getOrDefault("HOME", "");
        return Path.of(home.startsWith("/") ? home : System.getProperty("user.home"));
    }

    /** {@code ~/.dunnage/keys}. */
    public static UserKeys ofHome() {
        return new UserKeys(home().resolve(".dunnage").resolve("keys"));
    }

    /** Directory of the public keys, which may be absent. */
    public Path publicKeys() {
        return open.directory();
    }

    /** Stores a new key, secret and public part. */
    public void add(PgpSecretKey key) throws IOException {
        String fingerprint = key.facts().fingerprint();
        secret.replace(fingerprint, key.armoredSecret());
        open.add(fingerprint, key.armoredPublic());
    }

    /** Stores a public key beside the copies of it that are here already. */
    public KeyFacts add(KeyBlock key) throws IOException, KeyFileException {
        KeyFacts facts = key.facts();
        open.add(facts.fingerprint(), key.armored());
        return facts;
    }

    /**
     * Takes over all keys of a file, public and secret ones.
     *
     * @throws KeyFileException when the file holds no keys
     */
    public Imported importFile(Path file) throws IOException, KeyFileException {
        List<Imported.Key> keys = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        for (KeyBlock block : KeyBlock.read(file)) {
            try {
                keys.add(new Imported.Key(take(block), block.secret()));
            } catch (KeyFileException | SecretKeyException e) {
                problems.add("a key of " + file + " is left out: " + e.getMessage());
            }
        }
        return new Imported(keys, problems);
    }

    private KeyFacts take(KeyBlock block) throws IOException, KeyFileException, SecretKeyException {
        if (!block.secret()) {
            return add(block);
        }
        PgpSecretKey key = block.secretKey();
        add(key);
        return key.facts();
    }

    /** Public keys; empty when there are none yet. */
    public KeyRing ring() throws IOException, KeyRingException {
        return Files.isDirectory(publicKeys()) ? KeyRing.read(publicKeys()) : KeyRing.empty();
    }

    /** A public key as text, with every copy of it that is here; empty when there is none. */
    public Optional<String> publicKey(String fingerprint) throws IOException, KeyFileException {
        String wanted = fingerprint.toUpperCase(Locale.ROOT);
        StringBuilder text = new StringBuilder();
        for (Path file : open.list()) {
            for (KeyBlock block : KeyBlock.read(file)) {
                if (block.facts().fingerprint().equals(wanted)) {
                    text.append(block.armored());
                }
            }
        }
        return text.isEmpty() ? Optional.empty() : Optional.of(text.toString());
    }

    /** All secret keys. */
    public List<PgpSecretKey> secrets() throws IOException, SecretKeyException {
        List<PgpSecretKey> found = new ArrayList<>();
        for (Path file : secret.list()) {
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

    /** Removes the public key; answers whether it was here. */
    public boolean removePublic(String fingerprint) throws IOException, KeyFileException {
        return open.remove(fingerprint.toUpperCase(Locale.ROOT));
    }

    /** Removes the secret key, which cannot be undone; answers whether it was here. */
    public boolean removeSecret(String fingerprint) throws IOException, KeyFileException {
        return secret.remove(fingerprint.toUpperCase(Locale.ROOT));
    }
}
