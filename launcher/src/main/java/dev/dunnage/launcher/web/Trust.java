package dev.dunnage.launcher.web;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
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

    /**
     * Trusts both.
     *
     * @throws WebException when the file cannot be read or holds no certificate
     */
    public static SSLContext with(Path bundle) throws WebException {
        try (InputStream in = Files.newInputStream(bundle)) {
            Collection<? extends Certificate> more =
                    CertificateFactory.getInstance("X.509").generateCertificates(in);
            if (more.isEmpty()) {
                throw new WebException("CA bundle " + bundle + " holds no certificate; give a file in PEM form");
            }
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers(more), null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw new WebException(
                    "CA bundle " + bundle + " cannot be used (" + e.getMessage()
                            + "); give a readable file in PEM form",
                    e);
        }
    }

    private static TrustManager[] managers(Collection<? extends Certificate> more)
            throws GeneralSecurityException, IOException {
        KeyStore all = KeyStore.getInstance(KeyStore.getDefaultType());
        all.load(null, null);
        int number = 0;
        for (Certificate one : more) {
            all.setCertificateEntry("site-" + number++, one);
        }
        for (TrustManager manager : factory(null).getTrustManagers()) {
            if (manager instanceof X509TrustManager own) {
                for (X509Certificate one : own.getAcceptedIssuers()) {
                    all.setCertificateEntry("own-" + number++, one);
                }
            }
        }
        return factory(all).getTrustManagers();
    }

    private static TrustManagerFactory factory(@Nullable KeyStore store) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory;
    }
}
