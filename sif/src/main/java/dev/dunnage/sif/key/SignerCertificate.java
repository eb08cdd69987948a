package dev.dunnage.sif.key;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** An X.509 certificate whose key makes DSSE signatures, with the check whether it may. Immutable. */
public final class SignerCertificate {
    private static final String CODE_SIGNING = "1.3.6.1.5.5.7.3.3";
    private static final int DIGITAL_SIGNATURE = 0;

    private final X509Certificate certificate;
    private final CertificateChain chain;
    private final PemKey key;
    private final KeyFacts facts;

    SignerCertificate(X509Certificate certificate, PemKey key, CertificateChain chain) {
        this.certificate = certificate;
        this.chain = chain;
        this.key = key;
        this.facts = new KeyFacts(
                key.facts().fingerprint(),
                key.facts().algorithm(),
                certificate.getSubjectX500Principal().getName(),
                certificate.getNotBefore().toInstant(),
                Optional.of(certificate.getNotAfter().toInstant()),
                false,
                maySign());
    }

    /** Why a certificate does not count at some time. */
    public record Problem(Kind kind, String reason) {
        /** What is wrong. */
        public enum Kind {
            /** Outside of its own validity. */
            EXPIRED,
            /** Not made for signing code. */
            NOT_FOR_SIGNING,
            /** No chain of good certificates to a trusted root. */
            UNTRUSTED
        }
    }

    /** Facts; the fingerprint is that of the key, the user id is the subject, and validity is the certificate's. */
    public KeyFacts facts() {
        return facts;
    }

    /** Whether the key of this certificate made the signature over the content; says nothing about the certificate. */
    public boolean verifies(byte[] content, byte[] signature) {
        return key.verifies(content, signature);
    }

    /** Why the certificate does not count at that time; empty when it does. */
    public Optional<Problem> problemAt(Instant at) {
        if (!facts.canSign()) {
            return Optional.of(new Problem(
                    Problem.Kind.NOT_FOR_SIGNING,
                    "the certificate lacks the code signing usage, sign with one that has it"));
        }
        if (facts.created().isAfter(at) || facts.expiredAt(at)) {
            return Optional.of(new Problem(
                    Problem.Kind.EXPIRED,
                    "the certificate is valid from %s to %s only, sign with a valid one"
                            .formatted(
                                    facts.created(), certificate.getNotAfter().toInstant())));
        }
        return chain.problem(certificate, at).map(reason -> new Problem(Problem.Kind.UNTRUSTED, reason));
    }

    private boolean maySign() {
        boolean[] usage = certificate.getKeyUsage();
        return extendedUsage(certificate).contains(CODE_SIGNING) && (usage == null || usage[DIGITAL_SIGNATURE]);
    }

    /** Whether a certificate authority may issue for code signing: no limit is set, or this one is within it. */
    static boolean allowsCodeSigning(X509Certificate authority) {
        List<String> usage = extendedUsage(authority);
        return usage.isEmpty() || usage.contains(CODE_SIGNING) || usage.contains("2.5.29.37.0");
    }

    private static List<String> extendedUsage(X509Certificate certificate) {
        try {
            List<String> usage = certificate.getExtendedKeyUsage();
            return usage == null ? List.of() : usage;
        } catch (CertificateParsingException e) {
            return List.of("damaged");
        }
    }
}
