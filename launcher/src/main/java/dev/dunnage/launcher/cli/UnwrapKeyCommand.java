package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.wire.Code;
import dev.dunnage.sif.Encryption;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifObject;
import dev.dunnage.sif.key.PemSecretKey;
import dev.dunnage.sif.key.SecretKeyException;
import dev.dunnage.sif.key.WrappedKey;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dunnage unwrap-key}, which {@code dunnage exec --pem-path} calls. */
@Command(
        name = "unwrap-key",
        hidden = true,
        description = "Writes the passphrase of an encrypted image, unwrapped with an RSA key, to a descriptor.")
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class UnwrapKeyCommand extends BaseCommand {
    private static final int LIMIT = 1 << 20;

    @Parameters(paramLabel = "IMAGE", description = "SIF file.")
    private Path file;

    @Option(names = "--pem-path", required = true, paramLabel = "FILE", description = "The RSA key in PEM form.")
    private Path pem;

    @Option(names = "--output-fd", required = true, paramLabel = "N", description = "Where the passphrase goes.")
    private int output;

    @Mixin
    private Passphrase passphrase;

    @Override
    public Integer call() throws Exception {
        byte[] secret = WrappedKey.unwrap(keyObject(), key());
        try (OutputStream out = Files.newOutputStream(Path.of("/proc/self/fd", Integer.toString(output)))) {
            out.write(secret);
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
        return 0;
    }

    private byte[] keyObject() throws Exception {
        try (OpenedImage opened = OpenedImage.open(file)) {
            SifImage image = SifImage.read(opened.bytes());
            Optional<SifObject> object = image.encryption().flatMap(Encryption::keyObject);
            return image.metadata(
                    opened.bytes(),
                    object.orElseThrow(() -> new CommandFailure(
                            Code.REQUEST.exitStatus(),
                            "the image holds no key for an RSA key, a passphrase opens it: give --passphrase")));
        }
    }

    private PemSecretKey key() throws IOException, SecretKeyException, CommandFailure {
        if (!Files.isRegularFile(pem) || !Files.isReadable(pem) || Files.size(pem) > LIMIT) {
            throw new CommandFailure(
                    Code.REQUEST.exitStatus(), "it is no key file that you may read; give a PEM file with an RSA key");
        }
        char[] phrase = PemSecretKey.isProtected(Files.readAllBytes(pem)) ? passphrase.of("key " + pem) : new char[0];
        try {
            return PemSecretKey.read(Files.readAllBytes(pem), phrase);
        } finally {
            Arrays.fill(phrase, ' ');
        }
    }
}
