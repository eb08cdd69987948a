package dev.dunnage.sif.verify;

import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.key.KeyRing;
import dev.dunnage.sif.key.PemKeys;
import dev.dunnage.sif.key.SignerCertificates;
import java.io.IOException;
import java.time.Instant;

/** Verifies the signatures of images against trusted keys. Thread-safe. */
public final class SifVerifier {
    private final KeyRing ring;
    private final PemKeys pemKeys;
    private final SignerCertificates certificates;
    private final Instant at;

    /**
     * A verifier for one moment, which knows PGP keys only: images with a DSSE signature fail.
     *
     * @param at the time at which keys and signatures must be valid, usually now
     */
    public SifVerifier(KeyRing ring, Instant at) {
        this(ring, PemKeys.empty(), at);
    }

    /** A verifier for one moment with keys of both kinds. */
    public SifVerifier(KeyRing ring, PemKeys pemKeys, Instant at) {
        this(ring, pemKeys, SignerCertificates.empty(), at);
    }

    /**
     * A verifier for one moment with keys of both kinds, and with X.509 certificates, which must be made for code
     * signing, be valid at that moment and lead to their roots.
     */
    public SifVerifier(KeyRing ring, PemKeys pemKeys, SignerCertificates certificates, Instant at) {
        this.ring = ring;
        this.pemKeys = pemKeys;
        this.certificates = certificates;
        this.at = at;
    }

    /** Verifies the image as a whole. */
    public Verification verify(SifImage image, ImageBytes bytes) throws IOException {
        return verify(image, bytes, new VerifyScope.Image());
    }

    /**
     * Checks every modern signature in the scope and everything that the good ones state. Objects are read only when a
     * trusted key signed for them, and each of them once. Whatever the scope, an object without a group that is no
     * signature fails the image. In the result, the sets of signers speak of the scope only.
     */
    public Verification verify(SifImage image, ImageBytes bytes, VerifyScope scope) throws IOException {
        DsseCheck dsse = new DsseCheck(pemKeys, certificates, at);
        return new VerificationRun(image, bytes, scope, new PgpTextCheck(ring, at), dsse).run();
    }

    /** Verifies the root file system by signatures that were made before Singularity 3.6. */
    public Verification verifyLegacy(SifImage image, ImageBytes bytes) throws IOException {
        return verifyLegacy(image, bytes, new VerifyScope.Image());
    }

    /**
     * Checks signatures that were made before Singularity 3.6. They say nothing about header and descriptors and
     * nothing about what lies outside of the scope: for old images whose risk is accepted. In the result, the sets of
     * signers speak of the scope only.
     *
     * @param scope for an image as a whole, signatures over the root file system, alone or with its group, count
     */
    public Verification verifyLegacy(SifImage image, ImageBytes bytes, VerifyScope scope) throws IOException {
        return new LegacyRun(image, bytes, scope, new PgpTextCheck(ring, at)).run();
    }
}
