package dev.dunnage.sif.key;

import dev.dunnage.sif.armor.Pem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.util.List;

/** A secret key from a PEM file, for DSSE signatures: RSA from 2048 bits on, ECDSA on a NIST curve, or Ed25519. */
public final class PemSecretKey {
    private static final String PARAMETERS = "EC PARAMETERS";

    private final PrivateKey key;
    private final PemKey publicKey;

    private PemSecretKey(PrivateKey key, PemKey publicKey) {
        this.key = key;
        this.publicKey = publicKey;
    }

    /** Whether the one key in a PEM file is protected by a passphrase. */
    public static boolean isProtected(byte[] content) {
        return Pem.decodeAll(content).stream().anyMatch(block -> block.type().equals(PemSecretForms.PROTECTED));
    }

    /**
     * Reads a file with one key: PKCS#8, plain or protected; PKCS#1; or SEC 1.
     *
     * @param passphrase empty when the key has none; the caller clears it
     */
    public static PemSecretKey read(Path file, char[] passphrase) throws IOException, SecretKeyException {
        if (Files.size(file) > PacketFile.MAX_SIZE) {
            throw new SecretKeyException("key file %s is larger than 16 MiB, give one key".formatted(file));
        }
        try {
            return read(Files.readAllBytes(file), passphrase);
        } catch (SecretKeyException e) {
            throw new SecretKeyException("key file %s cannot be used: %s".formatted(file, e.getMessage()), e);
        }
    }

    /** Reads the text of such a file. */
    public static PemSecretKey read(byte[] content, char[] passphrase) throws SecretKeyException {
        if (new String(content, StandardCharsets.ISO_8859_1).contains("-----BEGIN PGP")) {
            throw new SecretKeyException("it is a PGP key, sign with it as such or give a PEM key");
        }
        List<Pem.Block> blocks = Pem.decodeAll(content).stream()
                .filter(block -> !block.type().equals(PARAMETERS))
                .toList();
        if (blocks.size() != 1) {
            throw new SecretKeyException(
                    "it holds %d proper PEM blocks instead of one secret key, convert it with openssl pkcs8 -topk8"
                            .formatted(blocks.size()));
        }
        PemSecretForms.Pair pair = PemSecretForms.decode(blocks.get(0), passphrase);
        PemKey publicKey = PemKey.of(pair.publicKey())
                .orElseThrow(() ->
                        new SecretKeyException("it is too weak, use RSA from 2048 bits on, P-256, P-384 or Ed25519"));
        return new PemSecretKey(pair.privateKey(), publicKey);
    }

    /** Facts of the public part; the fingerprint serves as key id in DSSE envelopes. */
    public KeyFacts facts() {
        return publicKey.facts();
    }

    PrivateKey secret() {
        return key;
    }

    /** Signs, with SHA-256 where the algorithm needs a hash. */
    public byte[] sign(byte[] content) throws SecretKeyException {
        try {
            Signature signature = Signature.getInstance(publicKey.signatureAlgorithm());
            signature.initSign(key);
            signature.update(content);
            byte[] result = signature.sign();
            if (publicKey.verifies(content, result)) {
                return result;
            }
        } catch (GeneralSecurityException | RuntimeException e) {
            throw new SecretKeyException("signing failed: " + e.getMessage(), e);
        }
        throw new SecretKeyException("the parts of the secret key do not fit together, make a new key");
    }
}
