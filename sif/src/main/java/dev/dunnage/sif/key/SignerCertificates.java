package dev.dunnage.sif.key;

import dev.dunnage.sif.armor.Pem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/** X.509 certificates of signers, with the roots that they must lead to. Immutable and thread-safe. */
public final class SignerCertificates {
    private static final String TYPE = "CERTIFICATE";

    private final List<SignerCertificate> certificates;

    private SignerCertificates(List<SignerCertificate> certificates) {
        this.certificates = List.copyOf(certificates);
    }

    /** No certificates. */
    public static SignerCertificates empty() {
        return new SignerCertificates(List.of());
    }

    /**
     * Reads PEM files.
     *
     * @param signer the signer's certificate; more certificates behind it serve as intermediate ones
     * @param intermediates files with certificates that may stand between signer and root; trusted for nothing else
     * @param roots files with trusted root certificates; without any, no signature counts
     * @throws KeyRingException when a file holds anything else, or the signer's key is too weak
     */
    public static SignerCertificates read(Path signer, List<Path> intermediates, List<Path> roots)
            throws IOException, KeyRingException {
        List<X509Certificate> given = certificates(signer);
        List<X509Certificate> between = new ArrayList<>(given.subList(1, given.size()));
        for (Path each : intermediates) {
            between.addAll(certificates(each));
        }
        List<X509Certificate> trusted = new ArrayList<>();
        for (Path each : roots) {
            trusted.addAll(certificates(each));
        }
        X509Certificate leaf = given.get(0);
        PemKey key = PemKey.of(leaf.getPublicKey())
                .orElseThrow(
                        () -> unfit(signer, "its key is too weak, use RSA from 2048 bits on, P-256, P-384 or Ed25519"));
        return new SignerCertificates(
                List.of(new SignerCertificate(leaf, key, new CertificateChain(between, trusted))));
    }

    /** These and those of another list. */
    public SignerCertificates and(SignerCertificates others) {
        List<SignerCertificate> all = new ArrayList<>(certificates);
        all.addAll(others.certificates);
        return new SignerCertificates(all);
    }

    /** The signers' certificates. */
    public List<SignerCertificate> certificates() {
        return certificates;
    }

    private static List<X509Certificate> certificates(Path file) throws IOException, KeyRingException {
        if (Files.size(file) > PacketFile.MAX_SIZE) {
            throw unfit(file, "it is larger than 16 MiB");
        }
        List<byte[]> blocks = Pem.decode(Files.readAllBytes(file), TYPE);
        if (blocks.isEmpty()) {
            throw unfit(file, "it holds no proper CERTIFICATE block, or something else besides");
        }
        List<X509Certificate> certificates = new ArrayList<>();
        for (byte[] block : blocks) {
            certificates.add(certificate(file, block));
        }
        return certificates;
    }

    private static X509Certificate certificate(Path file, byte[] block) throws KeyRingException {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(block));
        } catch (CertificateException | RuntimeException e) {
            throw new KeyRingException(
                    "certificate file %s is damaged, export the certificate again".formatted(file), e);
        }
    }

    private static KeyRingException unfit(Path file, String why) {
        return new KeyRingException("certificate file %s cannot be used: %s".formatted(file, why));
    }
}
