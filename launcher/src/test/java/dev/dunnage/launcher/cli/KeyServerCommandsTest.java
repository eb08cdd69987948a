package dev.dunnage.launcher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.dunnage.launcher.fixture.OnakServer;
import dev.dunnage.launcher.fixture.TestSite;
import dev.dunnage.launcher.fixture.TlsIdentity;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code dunnage key search}, {@code pull} and {@code push} against a real key server. */
class KeyServerCommandsTest {
    @TempDir
    Path temporary;

    private List<OnakServer> servers = List.of();
    private Program ada = Program.of(Path.of("unset"));
    private Program bob = Program.of(Path.of("unset"));

    @BeforeEach
    void startServer() throws Exception {
        Assumptions.assumeTrue(
                OnakServer.isInstalled(), "SKIPPED: the key server onak is not installed; apt-get install onak");
        OnakServer server = OnakServer.start(temporary.resolve("onak"));
        servers = List.of(server);
        ada = Program.of(temporary.resolve("ada")).with("DUNNAGE_KEYSERVER", server.url());
        bob = Program.of(temporary.resolve("bob")).with("DUNNAGE_KEYSERVER", server.url());
    }

    @AfterEach
    void stopServer() {
        servers.forEach(OnakServer::close);
    }

    private static String newPair(Program user) throws Exception {
        Command made =
                user.run("key", "newpair", "--json", "--name", "Ada", "--email", "ada@example.org", "--no-passphrase");
        assertThat(made.status()).as(made.err()).isZero();
        return String.valueOf(Json.object(made.out()).get("fingerprint"));
    }

    @Test
    void aProxyOfTheEnvironmentIsAsked() throws Exception {
        List<String> asked = new CopyOnWriteArrayList<>();
        HttpServer proxy = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        proxy.createContext("/", exchange -> {
            asked.add(exchange.getRequestURI().toString());
            exchange.sendResponseHeaders(404, -1);
            exchange.close();
        });
        proxy.start();
        try {
            Program far = ada.with("DUNNAGE_KEYSERVER", "http://keys.example.invalid")
                    .with("http_proxy", "http://127.0.0.1:" + proxy.getAddress().getPort());
            assertThat(far.run("key", "search", "ada").err()).doesNotContain("nobody knows");
            assertThat(asked).hasSize(1).first().asString().startsWith("http://keys.example.invalid/pks/lookup?");
            assertThat(far.with("no_proxy", "example.invalid")
                            .run("key", "search", "ada")
                            .err())
                    .contains("has a name that nobody knows");
        } finally {
            proxy.stop(0);
        }
    }

    @Test
    void aPublishedKeyReachesSomebodyElse() throws Exception {
        String fingerprint = newPair(ada);
        Path image = TestSite.in(temporary).image("a.sif");
        Command sign = ada.run("sign", image);
        assertThat(sign.status()).as(sign.err()).isZero();
        assertThat(bob.run("verify", image).status()).isEqualTo(1);

        Command push = ada.run("key", "push", fingerprint);
        assertThat(push.out()).as(push.err()).contains("published key " + fingerprint);
        Command search = bob.run("key", "search", "--json", "ada@example.org");
        assertThat(search.status()).as(search.err()).isZero();
        Map<String, Object> found = Json.object(search.out());
        assertThat(List.copyOf(found.keySet())).isEqualTo(JsonDocumentTest.documented("## dunnage key search"));
        assertThat(found)
                .containsEntry("fingerprint", fingerprint)
                .containsEntry("names", List.of("Ada <ada@example.org>"))
                .containsEntry("revoked", false);
        Command pull = bob.run("key", "pull", "0x" + fingerprint);
        assertThat(pull.status()).as(pull.err()).isZero();
        assertThat(pull.out()).startsWith("pulled " + fingerprint + " Ed25519 Ada <ada@example.org>");
        assertThat(pull.err()).isEmpty();
        assertThat(bob.run("verify", image).status()).isZero();
        assertThat(bob.run("key", "pull", fingerprint).status()).isZero();
        assertThat(bob.run("key", "list").out()).hasLineCount(1);
        assertThat(bob.run("key", "remove", fingerprint).out()).contains("removed key " + fingerprint);
        assertThat(bob.run("key", "list").out()).isEmpty();
    }

    @Test
    void overTlsOnlyWithATrustedCertificate() throws Exception {
        TlsIdentity identity = TlsIdentity.in(temporary);
        try (OnakServer server = OnakServer.startTls(temporary.resolve("tls"), identity.context())) {
            String fingerprint = newPair(ada);
            Command untrusted = ada.run("key", "push", "--url", server.url(), fingerprint);
            assertThat(untrusted.status()).isEqualTo(7);
            assertThat(untrusted.err()).contains("127.0.0.1", "certif").hasLineCount(1);
            String certificate = identity.certificate().toString();
            Command push =
                    ada.with("SSL_CERT_FILE", certificate).run("key", "push", "--url", server.url(), fingerprint);
            assertThat(push.status()).as(push.err()).isZero();
            Command pull =
                    bob.with("SSL_CERT_FILE", certificate).run("key", "pull", "--url", server.url(), fingerprint);
            assertThat(pull.out()).as(pull.err()).startsWith("pulled " + fingerprint);
            Command bad = bob.with("SSL_CERT_FILE", "/no/such.pem").run("key", "pull", fingerprint);
            assertThat(bad.status()).isNotZero();
            assertThat(bad.err()).contains("/no/such.pem").hasLineCount(1);
        }
    }

    @Test
    void unknownKeysAreTold() throws Exception {
        String known = newPair(ada);
        ada.run("key", "push", known);
        String unknown = "0123456789".repeat(4);
        Command pull = bob.run("key", "pull", unknown, known);
        assertThat(pull.status()).isEqualTo(1);
        assertThat(pull.err()).contains("does not know key " + unknown, "--url").hasLineCount(1);
        assertThat(pull.out()).contains("pulled " + known);
        Command search = bob.run("key", "search", "nobody@example.org");
        assertThat(search.status()).isEqualTo(1);
        assertThat(search.err()).contains("has no key for 'nobody@example.org'").hasLineCount(1);
        assertThat(bob.run("key", "pull", "deadbeef").err()).contains("all 40 hexadecimal digits");
        assertThat(bob.run("key", "push", unknown).err()).contains("no key " + unknown + " here");
    }

    @Test
    void aServerThatIsDownIsNamed() throws Exception {
        servers.forEach(OnakServer::close);
        Command pull = bob.run("key", "pull", "0123456789".repeat(4));
        assertThat(pull.status()).isEqualTo(7);
        assertThat(pull.err())
                .containsPattern("key server 127\\.0\\.0\\.1:[0-9]+ cannot be reached")
                .hasLineCount(1);
    }
}
