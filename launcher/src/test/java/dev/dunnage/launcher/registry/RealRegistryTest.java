package dev.dunnage.launcher.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dunnage.launcher.credentials.Credential;
import dev.dunnage.launcher.credentials.Credentials;
import dev.dunnage.launcher.fixture.DockerRegistry;
import dev.dunnage.launcher.reference.Digest;
import dev.dunnage.launcher.reference.ImageReference;
import dev.dunnage.launcher.reference.RegistryReference;
import dev.dunnage.launcher.web.Meter;
import dev.dunnage.launcher.web.Web;
import dev.dunnage.launcher.web.WebException;
import dev.dunnage.launcher.web.WebSettings;
import dev.dunnage.sif.Architecture;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pushing to and pulling from Debian's docker-registry. */
class RealRegistryTest {
    private static final Credentials ALICE = host -> Optional.of(new Credential("alice", "open:sesame"));

    @TempDir
    private Path directory;

    private static RegistryClient client(RegistrySettings settings, Credentials credentials, Optional<Path> ca)
            throws Exception {
        WebSettings quick = WebSettings.defaults()
                .trusting(ca)
                .pacing(Duration.ofSeconds(10), 3, Duration.ofMillis(10), Duration.ofSeconds(1));
        return new RegistryClient(new Web(quick, line -> {}), settings, credentials);
    }

    private static RegistrySettings plain(DockerRegistry registry) {
        return RegistrySettings.defaults().alsoInsecure(Set.of(registry.host()));
    }

    private static RegistryReference reference(String text) throws Exception {
        return (RegistryReference) ImageReference.parse(text);
    }

    private Path file(int size) throws Exception {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return Files.write(directory.resolve("image-" + size), bytes);
    }

    private static Digest digest(byte[] bytes) throws Exception {
        return new Digest(
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)));
    }

    private static byte[] pull(RegistryClient client, RegistryReference reference) throws Exception {
        ResolvedImage image = client.resolve(reference, Architecture.AMD64);
        Descriptor layer = image.manifest().layers().get(0);
        assertThat(layer.mediaType()).isEqualTo(MediaTypes.SIF_LAYER);
        try (InputStream in = client.blob(image, layer).open(Meter.none())) {
            return in.readAllBytes();
        }
    }

    @Test
    void pullsWhatWasPushed() throws Exception {
        try (DockerRegistry registry = DockerRegistry.start(directory, "", "")) {
            RegistryClient client = client(plain(registry), Credentials.none(), Optional.empty());
            RegistryReference reference = reference("oras://" + registry.host() + "/hpc/app:1.0");
            for (int size : List.of(1000, 37 << 20)) { // the second one in segments, side by side
                Path file = file(size);
                byte[] bytes = Files.readAllBytes(file);
                Digest manifest = new Pusher(client, Meter.none()).push(reference, file, "app.sif", digest(bytes));
                assertThat(pull(client, reference)).isEqualTo(bytes);
                assertThat(pull(client, reference.pinned(manifest))).isEqualTo(bytes);
            }
            assertThatThrownBy(() ->
                            client.resolve(reference("oras://" + registry.host() + "/hpc/app:2"), Architecture.AMD64))
                    .isInstanceOf(WebException.class)
                    .hasMessageContainingAll(
                            "/hpc/app:2", "asking for the manifest", "404", "manifest unknown", "check the name");
        }
    }

    @Test
    void logsInWithPasswordAndTls() throws Exception {
        TlsFiles tls = TlsFiles.make(directory);
        Path users = Files.writeString(directory.resolve("users"), TlsFiles.htpasswd("alice", "open:sesame"));
        String auth = "auth: {htpasswd: {realm: test, path: " + users + "}}";
        String http = "  tls: {certificate: " + tls.certificate() + ", key: " + tls.key() + "}";
        try (DockerRegistry registry = DockerRegistry.start(directory, auth, http)) {
            Path file = file(5000);
            Digest digest = digest(Files.readAllBytes(file));
            RegistryReference reference = reference("oras://" + registry.host() + "/app:1");
            RegistrySettings settings = RegistrySettings.defaults();
            RegistryClient alice = client(settings, ALICE, Optional.of(tls.authority()));
            new Pusher(alice, Meter.none()).push(reference, file, "app.sif", digest);
            assertThat(pull(alice, reference)).isEqualTo(Files.readAllBytes(file));

            RegistryClient nobody = client(settings, Credentials.none(), Optional.of(tls.authority()));
            assertThatThrownBy(() -> pull(nobody, reference))
                    .hasMessageContainingAll("401", "dunnage registry login " + registry.host());
            Credentials wrong = host -> Optional.of(new Credential("alice", "wrong"));
            assertThatThrownBy(() -> pull(client(settings, wrong, Optional.of(tls.authority())), reference))
                    .hasMessageContaining("401")
                    .message()
                    .doesNotContain("wrong");
            assertThatThrownBy(() -> pull(client(settings, ALICE, Optional.empty()), reference))
                    .hasMessageContaining("no certificate that is trusted here");
        }
    }

    @Test
    void asksMirrorsFirstAndTheRegistryWhenTheyHaveNothing() throws Exception {
        try (DockerRegistry registry = DockerRegistry.start(directory, "", "")) {
            RegistryClient direct = client(plain(registry), Credentials.none(), Optional.empty());
            Path file = file(100);
            Digest digest = digest(Files.readAllBytes(file));
            new Pusher(direct, Meter.none())
                    .push(reference("oras://" + registry.host() + "/copy/hub/app:1"), file, "a", digest);
            URI dead = URI.create("http://127.0.0.1:" + DockerRegistry.freePort());
            URI copy = URI.create("http://" + registry.host() + "/copy");
            RegistrySettings mirrored = new RegistrySettings(
                    List.of("hub.example.org"), Map.of("hub.example.org", List.of(dead, copy)), Set.of());
            RegistryClient client = client(mirrored, Credentials.none(), Optional.empty());
            assertThat(pull(client, reference("oras://hub.example.org/hub/app:1")))
                    .hasSize(100);
            assertThatThrownBy(() -> pull(client, reference("oras://other.example.org/app:1")))
                    .hasMessageContaining("does not allow images from other.example.org");
        }
    }
}
