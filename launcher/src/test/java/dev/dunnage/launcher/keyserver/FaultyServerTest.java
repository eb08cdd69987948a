package dev.dunnage.launcher.keyserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.dunnage.launcher.fixture.TestSite;
import dev.dunnage.launcher.web.WebSettings;
import dev.dunnage.sif.key.PgpSecretKey;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Servers that answer wrongly, late, too much or not at all. */
class FaultyServerTest {
    private static final String FINGERPRINT = "A".repeat(40);
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final List<String> seen = Collections.synchronizedList(new ArrayList<>());
    private final List<HttpServer> servers = new ArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private HttpServer server = start();

    @BeforeEach
    void listen() {
        servers.add(server);
    }

    @AfterEach
    void stop() {
        servers.forEach(each -> each.stop(0));
        threads.shutdownNow();
    }

    private HttpServer start() {
        try {
            HttpServer fresh = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            fresh.setExecutor(threads);
            fresh.start();
            return fresh;
        } catch (IOException e) {
            throw new IllegalStateException("no server on loopback", e);
        }
    }

    private interface Handler {
        void handle(HttpExchange exchange) throws Exception;
    }

    private void on(HttpServer where, String path, Handler handler) {
        where.createContext(path, exchange -> {
            String authorization = exchange.getRequestHeaders().getFirst("Authorization");
            seen.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " " + authorization);
            try (exchange) {
                handler.handle(exchange);
            } catch (IOException e) {
                throw e;
            } catch (Exception e) {
                throw new IOException(e);
            }
        });
    }

    private void answer(int status, String body) {
        on(server, "/pks", exchange -> send(exchange, status, body));
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        if (bytes.length > 0) {
            exchange.getResponseBody().write(bytes);
        }
    }

    private static String url(HttpServer of) {
        return "http://127.0.0.1:" + of.getAddress().getPort();
    }

    private KeyServer client(Duration patience) throws Exception {
        return new KeyServer(ServerAddress.parse(url(server)), patience, WebSettings.defaults(), Progress.none());
    }

    private static void assertRefused(ThrowingCallable call, String... words) {
        assertThatThrownBy(call)
                .isInstanceOf(KeyServerException.class)
                .satisfies(failure -> assertThat(failure.getMessage())
                        .contains(words)
                        .contains(";")
                        .hasLineCount(1));
    }

    @Test
    void anUnknownKeyIsNoFault() throws Exception {
        answer(404, "Not found");
        assertThat(client(PATIENCE).fetch(FINGERPRINT)).isEmpty();
        assertThat(client(PATIENCE).search("nobody@example.org")).isEmpty();
        assertRefused(() -> client(PATIENCE).publish("key"), "404", "no key server");
    }

    @Test
    void anUnknownKeyMayBeToldInWords() throws Exception {
        answer(200, "<html><h1>Error</h1>No results found: none</html>");
        assertThat(client(PATIENCE).fetch(FINGERPRINT)).isEmpty();
        assertThat(client(PATIENCE).search("nobody")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"500,its own", "503,its own", "429,wait", "403,password", "418,does not take", "204,no key"})
    void statusesAreExplained(int status, String words) {
        answer(status, "");
        assertRefused(() -> client(PATIENCE).fetch(FINGERPRINT), words);
    }

    @Test
    void garbageIsNoKeyAndNoList() {
        answer(200, "<html>Welcome to the guest network, please log in</html>");
        assertRefused(() -> client(PATIENCE).fetch(FINGERPRINT), "cannot be used");
        assertRefused(() -> client(PATIENCE).search("a"), "no list of keys");
    }

    @Test
    void damagedArmorIsNoKey() {
        answer(200, "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDMEa\n-----END PGP PUBLIC KEY BLOCK-----\n");
        assertRefused(() -> client(PATIENCE).fetch(FINGERPRINT), "cannot be used");
    }

    @Test
    void anotherKeyIsRefused() throws Exception {
        PgpSecretKey other = TestSite.newKey("other");
        answer(200, other.armoredPublic());
        assertRefused(() -> client(PATIENCE).fetch(FINGERPRINT), "another key");
        assertThat(client(PATIENCE).fetch(other.facts().fingerprint())).isPresent();
    }

    @Test
    void onlyTheWantedKeyIsTaken() throws Exception {
        PgpSecretKey wanted = TestSite.newKey("wanted");
        answer(200, TestSite.newKey("other").armoredPublic() + wanted.armoredPublic() + wanted.armoredSecret());
        assertThat(client(PATIENCE).fetch(wanted.facts().fingerprint())).hasValueSatisfying(key -> {
            assertThat(key.secret()).isFalse();
            assertThat(key.armored()).isEqualTo(wanted.armoredPublic());
        });
    }

    @Test
    void hugeAnswersEndEarly() {
        on(server, "/pks", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] block = new byte[1 << 16];
            try (OutputStream out = exchange.getResponseBody()) {
                for (int sent = 0; sent < 1 << 12; sent++) {
                    out.write(block);
                }
                seen.add("all of it");
            }
        });
        assertRefused(() -> client(PATIENCE).fetch(FINGERPRINT), "more than 8388608 bytes");
        assertThat(seen).doesNotContain("all of it");
    }

    @Test
    void slowAnswersEndInTime() {
        on(server, "/pks", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            while (true) {
                exchange.getResponseBody().write('x');
                exchange.getResponseBody().flush();
                Thread.sleep(50);
            }
        });
        Instant start = Instant.now();
        assertRefused(() -> client(Duration.ofSeconds(1)).fetch(FINGERPRINT), "within 1 s", "--timeout");
        assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void silenceEndsInTime() throws Exception {
        try (ServerSocket mute = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            ServerAddress address = ServerAddress.parse("http://127.0.0.1:" + mute.getLocalPort());
            KeyServer client = new KeyServer(address, Duration.ofSeconds(1), WebSettings.defaults(), Progress.none());
            assertRefused(() -> client.search("a"), "within 1 s");
        }
    }

    @Test
    void cutAnswersAreNoticed() {
        on(server, "/pks", exchange -> {
            exchange.sendResponseHeaders(200, 1000);
            exchange.getResponseBody().write(new byte[10]);
            exchange.getResponseBody().flush();
        });
        assertRefused(() -> client(PATIENCE).fetch(FINGERPRINT), "broke the connection off");
    }

    @Test
    void nobodyAtTheAddress() throws Exception {
        server.stop(0);
        assertRefused(() -> client(PATIENCE).fetch(FINGERPRINT), "127.0.0.1:", "cannot be reached");
        KeyServer nowhere = new KeyServer(
                ServerAddress.parse("http://key-server.invalid"), PATIENCE, WebSettings.defaults(), Progress.none());
        assertRefused(() -> nowhere.fetch(FINGERPRINT), "key-server.invalid", "check the network");
    }

    @Test
    void redirectsAreFollowedWithoutTheSecret() throws Exception {
        PgpSecretKey key = TestSite.newKey("key");
        HttpServer other = start();
        servers.add(other);
        on(other, "/there", exchange -> send(exchange, 200, key.armoredPublic()));
        on(server, "/pks", exchange -> redirect(exchange, 301, "/here"));
        on(server, "/here", exchange -> redirect(exchange, 307, url(other) + "/there"));
        String withUser = url(server).replace("//", "//ada:secret@");
        KeyServer client =
                new KeyServer(ServerAddress.parse(withUser), PATIENCE, WebSettings.defaults(), Progress.none());
        assertThat(client.fetch(key.facts().fingerprint())).isPresent();
        assertThat(seen).hasSize(3);
        assertThat(seen.get(0)).endsWith("Basic YWRhOnNlY3JldA==");
        assertThat(seen.get(1)).startsWith("GET /here Basic");
        assertThat(seen.get(2)).isEqualTo("GET /there null");
    }

    private static void redirect(HttpExchange exchange, int status, String location) throws IOException {
        exchange.getResponseHeaders().set("Location", location);
        send(exchange, status, "");
    }

    @Test
    void redirectsThatNeverEndDoEnd() {
        on(server, "/pks", exchange -> redirect(exchange, 302, "/pks/again"));
        assertRefused(() -> client(PATIENCE).fetch(FINGERPRINT), "more than 5 times");
        assertThat(seen).hasSize(6);
    }

    @Test
    void redirectsElsewhereAreRefused() {
        on(server, "/pks", exchange -> redirect(exchange, 302, "file:///etc/passwd"));
        assertRefused(() -> client(PATIENCE).fetch(FINGERPRINT), "no web address");
    }

    @Test
    void aKeyIsPublishedAgainOnlyWhereTheServerSaysSo() throws Exception {
        on(server, "/pks", exchange -> redirect(exchange, 302, "/moved"));
        on(server, "/moved", exchange -> send(exchange, 200, ""));
        assertRefused(() -> client(PATIENCE).publish("key"), "has moved");
        server.removeContext("/pks");
        on(server, "/pks", exchange -> redirect(exchange, 308, "/moved"));
        client(PATIENCE).publish("key");
        assertThat(seen).last().isEqualTo("POST /moved null");
    }
}
