package dev.dunnage.launcher.web;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** The runtime's certificates and those of a PEM file. */
public final class Trust {
    private static final String VARIABLE = "SSL_CERT_FILE";

    private Trust() {}

    /** The PEM file that the user names by SSL_CERT_FILE, as for OpenSSL and curl. */
    public static Optional<Path> file(Map<String, String> environment) {
        return Optional.ofNullable(environment.get(VARIABLE))
                .filter(name -> !name.isBlank())
                .map(Path::of);
    }

    /** What Java trusts, looked at when it is needed. */
    static SSLContext usual() {
        return LateTrust.context(() -> manager(null));
    }

    /**
     * Trusts both.
     *
     * @throws WebException when the file cannot be read or holds no certificate
     */
    static SSLContext with(Path bundle) throws WebException {
        if (!holdsCertificate(bundle)) {
            throw new WebException("CA bundle " + bundle + " holds no certificate; give a file in PEM form");
        }
        return LateTrust.context(() -> manager(both(bundle)));
    }

    private static boolean holdsCertificate(Path bundle) throws WebException {
        try (InputStream in = Files.newInputStream(bundle)) {
            return CertificateFactory.getInstance("X.509").generateCertificate(in) != null;
        } catch (IOException | GeneralSecurityException e) {
            throw unfit(bundle, e);
        }
    }

    private static WebException unfit(Path bundle, Exception e) {
        return new WebException(
                "CA bundle " + bundle + " cannot be used (" + e.getMessage() + "); give a readable file in PEM form",
                e);
    }

    private static KeyStore both(Path bundle) throws GeneralSecurityException, WebException {
        try (InputStream in = Files.newInputStream(bundle)) {
            KeyStore all = KeyStore.getInstance(KeyStore.getDefaultType());
            all.load(null, null);
            int number = 0;
            for (Certificate one : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                all.setCertificateEntry("site-" + number++, one);
            }
            for (X509Certificate one : manager(null).getAcceptedIssuers()) {
                all.setCertificateEntry("own-" + number++, one);
            }
            return all;
        } catch (IOException | CertificateException e) {
            throw unfit(bundle, e);
        }
    }

    /** What trusts the certificates of a store; of none: those of Java. */
    private static X509ExtendedTrustManager manager(@Nullable KeyStore store) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return Stream.of(factory.getTrustManagers())
                .filter(X509ExtendedTrustManager.class::isInstance)
                .map(X509ExtendedTrustManager.class::cast)
                .findFirst()
                .orElseThrow(() -> new GeneralSecurityException("this Java checks no certificates"));
    }
}
