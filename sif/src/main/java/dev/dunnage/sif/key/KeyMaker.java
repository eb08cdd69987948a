package dev.dunnage.sif.key;

import java.io.IOException;
import java.math.BigInteger;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Optional;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyAlgorithmTags;
import org.bouncycastle.bcpg.PublicKeyPacket;
import org.bouncycastle.bcpg.SymmetricKeyAlgorithmTags;
import org.bouncycastle.bcpg.sig.KeyFlags;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.generators.Ed25519KeyPairGenerator;
import org.bouncycastle.crypto.generators.RSAKeyPairGenerator;
import org.bouncycastle.crypto.params.Ed25519KeyGenerationParameters;
import org.bouncycastle.crypto.params.RSAKeyGenerationParameters;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPKeyRingGenerator;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureSubpacketGenerator;
import org.bouncycastle.openpgp.operator.PBESecretKeyEncryptor;
import org.bouncycastle.openpgp.operator.PGPDigestCalculator;
import org.bouncycastle.openpgp.operator.bc.BcPBESecretKeyEncryptorBuilder;
import org.bouncycastle.openpgp.operator.bc.BcPGPContentSignerBuilder;
import org.bouncycastle.openpgp.operator.bc.BcPGPDigestCalculatorProvider;
import org.bouncycastle.openpgp.operator.bc.BcPGPKeyPair;
import org.jspecify.annotations.Nullable;

/** Makes one key pair with its self-signature. */
final class KeyMaker {
    private static final int RSA_BITS = 4096;
    private static final int RSA_CERTAINTY = 128;
    /** Coded iteration count of the passphrase hash: 65 million bytes, the most that the format can express. */
    private static final int S2K_COUNT = 0xff;

    private final BcPGPDigestCalculatorProvider digests = new BcPGPDigestCalculatorProvider();
    private final KeyKind kind;
    private final Instant created;

    KeyMaker(KeyKind kind, Instant created) {
        this.kind = kind;
        this.created = created;
    }

    /** The secret key in binary form. */
    byte[] make(String userId, Optional<Duration> validity, char[] passphrase) throws IOException, PGPException {
        BcPGPKeyPair pair = pair();
        PGPSignatureSubpacketGenerator hashed = new PGPSignatureSubpacketGenerator();
        hashed.setSignatureCreationTime(true, Date.from(created));
        hashed.setKeyFlags(true, KeyFlags.CERTIFY_OTHER | KeyFlags.SIGN_DATA);
        validity.ifPresent(time -> hashed.setKeyExpirationTime(true, time.toSeconds()));
        hashed.setPreferredHashAlgorithms(false, new int[] {HashAlgorithmTags.SHA512, HashAlgorithmTags.SHA256});
        hashed.setIssuerFingerprint(false, pair.getPublicKey());
        hashed.setPrimaryUserID(false, true);
        PGPDigestCalculator checksum = digests.get(HashAlgorithmTags.SHA1);
        return new PGPKeyRingGenerator(
                        PGPSignature.POSITIVE_CERTIFICATION,
                        pair,
                        userId,
                        checksum,
                        hashed.generate(),
                        new PGPSignatureSubpacketGenerator().generate(),
                        new BcPGPContentSignerBuilder(pair.getPublicKey().getAlgorithm(), HashAlgorithmTags.SHA256),
                        protection(passphrase))
                .generateSecretKeyRing()
                .getEncoded();
    }

    private BcPGPKeyPair pair() throws PGPException {
        SecureRandom random = new SecureRandom();
        AsymmetricCipherKeyPair pair;
        int algorithm;
        if (kind == KeyKind.ED25519) {
            Ed25519KeyPairGenerator generator = new Ed25519KeyPairGenerator();
            generator.init(new Ed25519KeyGenerationParameters(random));
            pair = generator.generateKeyPair();
            // The older number for Ed25519: Apptainer and GnuPG 2.2 know no other.
            algorithm = PublicKeyAlgorithmTags.EDDSA_LEGACY;
        } else {
            RSAKeyPairGenerator generator = new RSAKeyPairGenerator();
            generator.init(
                    new RSAKeyGenerationParameters(BigInteger.valueOf(0x10001), random, RSA_BITS, RSA_CERTAINTY));
            pair = generator.generateKeyPair();
            algorithm = PublicKeyAlgorithmTags.RSA_GENERAL;
        }
        return new BcPGPKeyPair(PublicKeyPacket.VERSION_4, algorithm, pair, Date.from(created));
    }

    private @Nullable PBESecretKeyEncryptor protection(char[] passphrase) throws PGPException {
        if (passphrase.length == 0) {
            return null;
        }
        return new BcPBESecretKeyEncryptorBuilder(
                        SymmetricKeyAlgorithmTags.AES_256, digests.get(HashAlgorithmTags.SHA256), S2K_COUNT)
                .build(passphrase);
    }
}
