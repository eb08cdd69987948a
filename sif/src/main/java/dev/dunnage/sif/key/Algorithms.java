package dev.dunnage.sif.key;

import java.util.Map;
import java.util.Optional;
import org.bouncycastle.bcpg.DSAPublicBCPGKey;
import org.bouncycastle.bcpg.ECPublicBCPGKey;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyAlgorithmTags;
import org.bouncycastle.openpgp.PGPPublicKey;

/** Which key and hash algorithms count, and what they are called. */
final class Algorithms {
    private static final int MIN_BITS = 2048;
    private static final Map<String, String> CURVES = Map.of(
            "1.2.840.10045.3.1.7", "P-256",
            "1.3.132.0.34", "P-384",
            "1.3.132.0.35", "P-521",
            "1.3.36.3.3.2.8.1.1.7", "brainpoolP256r1",
            "1.3.36.3.3.2.8.1.1.11", "brainpoolP384r1",
            "1.3.36.3.3.2.8.1.1.13", "brainpoolP512r1");
    private static final Map<Integer, String> HASHES = Map.of(
            HashAlgorithmTags.SHA224, "SHA224",
            HashAlgorithmTags.SHA256, "SHA256",
            HashAlgorithmTags.SHA384, "SHA384",
            HashAlgorithmTags.SHA512, "SHA512");

    private Algorithms() {}

    /** Name of a hash that is accepted in signatures. */
    static Optional<String> hash(int code) {
        return Optional.ofNullable(HASHES.get(code));
    }

    static String name(PGPPublicKey key) {
        return switch (key.getAlgorithm()) {
            case PublicKeyAlgorithmTags.RSA_GENERAL -> "RSA " + key.getBitStrength();
            case PublicKeyAlgorithmTags.DSA -> "DSA " + dsaBits(key);
            case PublicKeyAlgorithmTags.ECDSA -> "ECDSA " + curve(key).orElse("unknown curve");
            case PublicKeyAlgorithmTags.EDDSA_LEGACY, PublicKeyAlgorithmTags.Ed25519 -> "Ed25519";
            case PublicKeyAlgorithmTags.Ed448 -> "Ed448";
            default -> "algorithm " + key.getAlgorithm();
        };
    }

    /** Whether a signature by this key is worth anything. */
    static boolean isStrong(PGPPublicKey key) {
        return switch (key.getAlgorithm()) {
            case PublicKeyAlgorithmTags.RSA_GENERAL -> key.getBitStrength() >= MIN_BITS;
            case PublicKeyAlgorithmTags.DSA -> dsaBits(key) >= MIN_BITS;
            case PublicKeyAlgorithmTags.ECDSA -> curve(key).isPresent();
            case PublicKeyAlgorithmTags.EDDSA_LEGACY, PublicKeyAlgorithmTags.Ed25519, PublicKeyAlgorithmTags.Ed448 ->
                true;
            default -> false;
        };
    }

    /** Hash that signatures by this key are made with: SHA-256, except where the curve needs more. */
    static int signingHash(PGPPublicKey key) {
        boolean large = key.getAlgorithm() == PublicKeyAlgorithmTags.Ed448
                || curve(key)
                        .filter(c -> c.equals("P-521") || c.equals("brainpoolP512r1"))
                        .isPresent();
        return large ? HashAlgorithmTags.SHA512 : HashAlgorithmTags.SHA256;
    }

    private static int dsaBits(PGPPublicKey key) {
        return key.getPublicKeyPacket().getKey() instanceof DSAPublicBCPGKey dsa
                ? dsa.getP().bitLength()
                : 0;
    }

    private static Optional<String> curve(PGPPublicKey key) {
        return key.getPublicKeyPacket().getKey() instanceof ECPublicBCPGKey ec
                ? Optional.ofNullable(CURVES.get(ec.getCurveOID().getId()))
                : Optional.empty();
    }
}
