package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.keys.Fingerprint;
import dev.dunnage.launcher.keys.UserKeys;
import dev.dunnage.sif.SifFormatException;
import dev.dunnage.sif.key.PgpSecretKey;
import dev.dunnage.sif.key.SecretKeyException;
import dev.dunnage.sif.key.SecretKeys;
import dev.dunnage.sif.sign.PgpSigner;
import dev.dunnage.sif.sign.SignException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dunnage sign}. */
@Command(
        name = "sign",
        description = {
            "Signs every object of an image; the signature becomes part of the file.",
            "The key is the user's own, see dunnage key, or one that another tool exported."
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class SignCommand extends BaseCommand {
    @Parameters(paramLabel = "IMAGE", description = "SIF file that you may write.")
    private Path image;

    @Option(
            names = {"--key", "--keyring"},
            paramLabel = "FILE|FINGERPRINT",
            description =
                    "File with one secret key, or the fingerprint of one of the user's keys. Default: the only one"
                            + " that the user has.")
    private Optional<String> key = Optional.empty();

    @Option(names = "--group", paramLabel = "N", description = "Sign this object group only; default: all of them.")
    private Optional<Long> group = Optional.empty();

    @Mixin
    private Passphrase passphrase;

    @Override
    public Integer call() throws Exception {
        OpenedImage.open(image).close(); // names what is wrong with the path better than the signer
        PgpSecretKey secret = secretKey();
        List<Long> ids = sign(secret);
        out().println("signed " + image + " with key " + secret.facts().fingerprint() + ", signature object"
                + (ids.size() == 1 ? " " : "s ") + ids);
        return 0;
    }

    private PgpSecretKey secretKey() throws IOException, SecretKeyException, CommandFailure {
        UserKeys own = UserKeys.ofHome();
        if (key.isEmpty()) {
            List<PgpSecretKey> secrets = own.secrets();
            if (secrets.size() != 1) {
                throw new CommandFailure(
                        2,
                        secrets.isEmpty()
                                ? "there is no secret key yet; make one with: dunnage key newpair"
                                : "there are " + secrets.size() + " secret keys; name one with --key FINGERPRINT");
            }
            return secrets.get(0);
        }
        Optional<String> fingerprint = Fingerprint.parse(key.get());
        if (fingerprint.isPresent()) {
            Optional<PgpSecretKey> found = own.secret(fingerprint.get());
            return found.orElseThrow(() ->
                    new CommandFailure(2, "no secret key " + fingerprint.get() + "; see dunnage key list --secret"));
        }
        return SecretKeys.read(Path.of(key.get()));
    }

    private List<Long> sign(PgpSecretKey secret)
            throws IOException, SifFormatException, SecretKeyException, SignException, CommandFailure {
        char[] given = passphrase.given().orElseGet(() -> new char[0]);
        try {
            return signWith(secret, given);
        } catch (SecretKeyException e) {
            if (given.length > 0 || Passphrase.terminal().isEmpty()) {
                throw e;
            }
        }
        return signWith(
                secret, passphrase.ask("Passphrase of key " + secret.facts().fingerprint()));
    }

    private List<Long> signWith(PgpSecretKey secret, char[] phrase)
            throws IOException, SifFormatException, SecretKeyException, SignException {
        try {
            OptionalLong number = group.isPresent() ? OptionalLong.of(group.get()) : OptionalLong.empty();
            return PgpSigner.sign(image, secret, phrase, Instant.now(), number);
        } finally {
            Arrays.fill(phrase, ' ');
        }
    }
}
