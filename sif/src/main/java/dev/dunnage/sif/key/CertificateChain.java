package dev.dunnage.sif.key;

import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXCertPathBuilderResult;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Certificates that lead to trusted roots, RFC 5280 section 6. Revocation lists are not looked at. */
final class CertificateChain {
    private final List<X509Certificate> intermediates;
    private final List<X509Certificate> roots;

    CertificateChain(List<X509Certificate> intermediates, List<X509Certificate> roots) {
        this.intermediates = List.copyOf(intermediates);
        this.roots = List.copyOf(roots);
    }

    /** Why no chain leads from the certificate to a root at that time; empty when one does. */
    Optional<String> problem(X509Certificate leaf, Instant at) {
        Set<TrustAnchor> anchors = roots.stream()
                .filter(root -> isValid(root, at))
                .map(root -> new TrustAnchor(root, null))
                .collect(Collectors.toSet());
        if (anchors.isEmpty()) {
            return Optional.of("no trusted root certificate is valid at %s, give one".formatted(at));
        }
        try {
            return weakness(build(leaf, at, anchors));
        } catch (CertPathBuilderException e) {
            return Optional.of("no chain of valid certificates leads from \"%s\" to a trusted root, give the root"
                    .formatted(leaf.getSubjectX500Principal().getName()));
        } catch (GeneralSecurityException | RuntimeException e) {
            return Optional.of("the chain of certificates cannot be checked, they are damaged");
        }
    }

    private List<X509Certificate> build(X509Certificate leaf, Instant at, Set<TrustAnchor> anchors)
            throws GeneralSecurityException {
        X509CertSelector target = new X509CertSelector();
        target.setCertificate(leaf);
        PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, target);
        parameters.setRevocationEnabled(false);
        parameters.setDate(Date.from(at));
        List<X509Certificate> all = new ArrayList<>(intermediates);
        all.add(leaf);
        parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(all)));
        PKIXCertPathBuilderResult result =
                (PKIXCertPathBuilderResult) CertPathBuilder.getInstance("PKIX").build(parameters);
        List<X509Certificate> path = new ArrayList<>();
        for (Certificate each : result.getCertPath().getCertificates()) {
            path.add((X509Certificate) each);
        }
        path.add(result.getTrustAnchor().getTrustedCert());
        return path;
    }

    /** The root's signature of itself proves nothing, so its hash does not matter. */
    private static Optional<String> weakness(List<X509Certificate> path) {
        for (int i = 0; i < path.size(); i++) {
            X509Certificate each = path.get(i);
            String name = each.getSubjectX500Principal().getName();
            if (!SignerCertificate.allowsCodeSigning(each)) {
                return Optional.of("certificate \"%s\" must not issue for code signing".formatted(name));
            }
            if (PemKey.of(each.getPublicKey()).isEmpty()) {
                return Optional.of("the key of certificate \"%s\" is too weak or of an unknown kind".formatted(name));
            }
            if (i < path.size() - 1 && isWeak(each.getSigAlgName())) {
                return Optional.of("certificate \"%s\" is signed with %s, which is too weak"
                        .formatted(name, each.getSigAlgName()));
            }
        }
        return Optional.empty();
    }

    private static boolean isWeak(String algorithm) {
        String name = algorithm.toUpperCase(Locale.ROOT);
        return name.startsWith("SHA1") || name.startsWith("MD");
    }

    private static boolean isValid(X509Certificate certificate, Instant at) {
        try {
            certificate.checkValidity(Date.from(at));
            return true;
        } catch (CertificateException e) {
            return false;
        }
    }
}
