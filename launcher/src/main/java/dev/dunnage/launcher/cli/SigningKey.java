package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.keys.Fingerprint;
import dev.dunnage.launcher.keys.UserKeys;
import dev.dunnage.sif.key.PemSecretKey;
import dev.dunnage.sif.key.PgpSecretKey;
import dev.dunnage.sif.key.SecretKeyException;
import dev.dunnage.sif.key.SecretKeys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which key signs an image. */
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class SigningKey {
    private static final int KEY_LIMIT = 16 << 20;

    @Option(
            names = {"--key", "--keyring"},
            paramLabel = "FILE|FINGERPRINT",
            description =
                    "File with one secret key, PGP or PEM, or the fingerprint of one of the user's keys. Default: the"
                            + " only one that the user has.")
    private Optional<String> key = Optional.empty();

    @Option(
            names = "--keyidx",
            paramLabel = "N",
            description = "One of the user's keys by its place in dunnage key list --secret, from 0.")
    private Optional<Integer> place = Optional.empty();

    @Mixin
    private Passphrase passphrase;

    Passphrase passphrase() {
        return passphrase;
    }

    Signing signing() throws IOException, SecretKeyException, CommandFailure {
        if (key.isPresent() && place.isPresent()) {
            throw new CommandFailure(2, "--key and --keyidx both name a key; give one of them");
        } else if (key.isPresent() && Fingerprint.parse(key.get()).isEmpty()) {
            return ofFile(Path.of(key.get()));
        }
        return new Signing.Pgp(ownKey(UserKeys.ofHome()));
    }

    private PgpSecretKey ownKey(UserKeys own) throws IOException, SecretKeyException, CommandFailure {
        if (key.isPresent()) {
            String fingerprint = Fingerprint.parse(key.get()).orElseThrow();
            Optional<PgpSecretKey> found = own.secret(fingerprint);
            return found.orElseThrow(
                    () -> new CommandFailure(2, "no secret key " + fingerprint + "; see dunnage key list --secret"));
        }
        List<PgpSecretKey> secrets = own.secrets();
        if (place.isPresent()) {
            int at = place.get();
            if (at < 0 || at >= secrets.size()) {
                throw new CommandFailure(
                        2,
                        "--keyidx " + at + ": there are " + secrets.size()
                                + " secret keys, counted from 0; see dunnage key list --secret");
            }
            return secrets.get(at);
        }
        if (secrets.size() != 1) {
            throw new CommandFailure(
                    2,
                    secrets.isEmpty()
                            ? "there is no secret key yet; make one with: dunnage key newpair"
                            : "there are " + secrets.size() + " secret keys; name one with --key FINGERPRINT");
        }
        return secrets.get(0);
    }

    /** PEM keys begin like PGP keys, but for the word. */
    private Signing ofFile(Path file) throws IOException, SecretKeyException, CommandFailure {
        if (!Files.isReadable(file)) {
            throw new CommandFailure(2, "key file " + file + " is not there or not readable; check the path");
        }
        if (Files.isRegularFile(file) && Files.size(file) <= KEY_LIMIT) {
            byte[] content = Files.readAllBytes(file);
            String text = new String(content, StandardCharsets.ISO_8859_1);
            if (text.contains("-----BEGIN ") && !text.contains("-----BEGIN PGP")) {
                return Signing.Dsse.open(file, PemSecretKey.isProtected(content), passphrase);
            }
        }
        return new Signing.Pgp(SecretKeys.read(file));
    }
}
