package dev.dunnage.launcher.web;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** Reads the trusted certificates, which takes longer than asking a server, when a server shows one of its own: plain HTTP needs none. */
final class LateTrust extends X509ExtendedTrustManager {
    /** The trust that is waited with. */
    @FunctionalInterface
    interface Source {
        X509ExtendedTrustManager open() throws GeneralSecurityException, WebException;
    }

    private final Source source;
    private Optional<X509ExtendedTrustManager> known = Optional.empty();

    private LateTrust(Source source) {
        this.source = source;
    }

    /** A context of TLS with that trust. */
    static SSLContext context(Source source) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new LateTrust(source)}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has TLS", e);
        }
    }

    private synchronized X509ExtendedTrustManager trust() throws CertificateException {
        try {
            if (known.isEmpty()) {
                known = Optional.of(source.open());
            }
            return known.get();
        } catch (GeneralSecurityException | WebException e) {
            throw new CertificateException(e.getMessage(), e);
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        trust().checkClientTrusted(chain, type, socket);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        trust().checkServerTrusted(chain, type, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        trust().checkClientTrusted(chain, type, engine);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        trust().checkServerTrusted(chain, type, engine);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
        trust().checkClientTrusted(chain, type);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
        trust().checkServerTrusted(chain, type);
    }

    /** Servers ask for it, clients do not. */
    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
