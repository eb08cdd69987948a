package dev.dunnage.launcher.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dunnage.launcher.build.OciConverter;
import dev.dunnage.launcher.build.ToolException;
import dev.dunnage.launcher.cache.CacheCare;
import dev.dunnage.launcher.cache.CachedImage;
import dev.dunnage.launcher.cache.ImageCache;
import dev.dunnage.launcher.credentials.Credentials;
import dev.dunnage.launcher.fixture.DockerRegistry;
import dev.dunnage.launcher.fixture.ImageServer;
import dev.dunnage.launcher.fixture.LayoutPusher;
import dev.dunnage.launcher.fixture.OciLayoutMaker;
import dev.dunnage.launcher.fixture.TarMaker;
import dev.dunnage.launcher.fixture.TestSite;
import dev.dunnage.launcher.reference.Digest;
import dev.dunnage.launcher.reference.ImageReference;
import dev.dunnage.launcher.reference.RegistryReference;
import dev.dunnage.launcher.registry.Pusher;
import dev.dunnage.launcher.registry.RegistryClient;
import dev.dunnage.launcher.registry.RegistrySettings;
import dev.dunnage.launcher.web.Meter;
import dev.dunnage.launcher.web.Web;
import dev.dunnage.launcher.web.WebSettings;
import dev.dunnage.policy.SourceSettings.PullMode;
import dev.dunnage.sif.Architecture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images from servers of several kinds into a cache. */
class PullerTest {
    @TempDir
    Path directory;

    private final List<String> notices = new CopyOnWriteArrayList<>();
    private ImageCache cache = new ImageCache(Path.of("unset"), Optional.empty(), 0);
    private byte[] sif = {};

    @BeforeEach
    void prepare() throws Exception {
        cache = new ImageCache(directory.resolve("cache"), Optional.empty(), 1L << 30);
        byte[] image = Files.readAllBytes(
                TestSite.in(Files.createDirectory(directory.resolve("site"))).image("a.sif"));
        sif = Arrays.copyOf(image, 3 << 20); // long enough to be cut somewhere
    }

    private Puller puller(RegistrySettings registries) throws Exception {
        WebSettings quick =
                WebSettings.defaults().pacing(Duration.ofSeconds(10), 4, Duration.ofMillis(5), Duration.ofSeconds(1));
        Web web = new Web(quick, notices::add);
        Servers servers = new Servers(web, registries, Credentials.none(), Optional.empty());
        return new Puller(cache, servers, Meter.none(), notices::add);
    }

    private CachedImage pull(String reference, PullMode mode) throws Exception {
        return puller(RegistrySettings.defaults()).pull(ImageReference.parse(reference), Architecture.AMD64, mode);
    }

    private List<String> remains() throws IOException {
        try (Stream<Path> files = Files.list(cache.partial())) {
            return files.map(Path::toString).toList();
        }
    }

    @Test
    void aKnownImageCostsNoRequest() throws Exception {
        try (ImageServer server = ImageServer.start()) {
            String address = server.file("/a.sif", sif);
            CachedImage first = pull(address, PullMode.MISSING);
            assertThat(Files.readAllBytes(first.file())).isEqualTo(sif);
            assertThat(first.pinned()).isEqualTo(address + "@" + first.content());
            int asked = server.requests().size();
            assertThat(pull(address, PullMode.MISSING)).isEqualTo(first);
            assertThat(pull(address, PullMode.NEVER)).isEqualTo(first);
            assertThat(pull(first.pinned(), PullMode.ALWAYS)).isEqualTo(first);
            assertThat(server.requests()).hasSize(asked);
            assertThat(pull(address, PullMode.ALWAYS)).isEqualTo(first);
            assertThat(server.requests().size()).isGreaterThan(asked);
            assertThatThrownBy(() -> pull(server.file("/b.sif", sif), PullMode.NEVER))
                    .isInstanceOf(PullException.class)
                    .hasMessageContainingAll("/b.sif", "not in the cache", "dunnage pull");
            assertThat(remains()).isEmpty();
        }
    }

    @Test
    void goesOnWhereAConnectionBrokeOff() throws Exception {
        try (ImageServer server = ImageServer.start()) {
            String address = server.file("/a.sif", sif);
            server.cut(3);
            assertThat(Files.readAllBytes(pull(address, PullMode.MISSING).file()))
                    .isEqualTo(sif);
            assertThat(server.requests()).anyMatch(request -> request.matches("GET /a.sif bytes=[1-9][0-9]*-.*"));
        }
    }

    @Test
    void keepsWhatCameForTheNextTime() throws Exception {
        try (ImageServer server = ImageServer.start()) {
            String address = server.file("/a.sif", sif);
            server.cut(100);
            assertThatThrownBy(() -> pull(address, PullMode.MISSING))
                    .hasMessageContainingAll(address, "broke off", "what came so far is kept");
            assertThat(remains()).hasSize(1);
            assertThat(new CacheCare(cache).list()).isEmpty();
            server.cut(0);
            server.requests().clear();
            assertThat(Files.readAllBytes(pull(address, PullMode.MISSING).file()))
                    .isEqualTo(sif);
            assertThat(server.requests()).anyMatch(request -> request.matches("GET /a.sif bytes=[1-9][0-9]*-.*"));
        }
    }

    @Test
    void waitsWhenTooManyAsk() throws Exception {
        try (ImageServer server = ImageServer.start()) {
            String address = server.file("/a.sif", sif);
            server.busy(2);
            pull(address, PullMode.MISSING);
            assertThat(notices).anyMatch(line -> line.contains("429"));
            server.busy(100);
            assertThatThrownBy(() -> pull(server.file("/b.sif", sif), PullMode.MISSING))
                    .isInstanceOf(PullException.class)
                    .hasMessageContainingAll("/b.sif", "429", "too many requests");
        }
    }

    @Test
    void whatIsNoImageIsNotKept() throws Exception {
        try (ImageServer server = ImageServer.start()) {
            server.parts(false);
            String page = server.file("/page", ImageServer.bytes("<html>not found</html>"));
            assertThatThrownBy(() -> pull(page, PullMode.MISSING))
                    .hasMessageContainingAll(page, "no SIF image", "check the address");
            assertThatThrownBy(() -> pull(page.replace("page", "none"), PullMode.MISSING))
                    .hasMessageContainingAll("/none", "asking for the file", "404");
            String pinned = server.file("/a.sif", sif) + "@sha256:" + "0".repeat(64);
            assertThatThrownBy(() -> pull(pinned, PullMode.MISSING)).hasMessageContainingAll(pinned, "digest");
            assertThat(remains()).isEmpty();
            assertThat(new CacheCare(cache).list()).isEmpty();
        }
    }

    @Test
    void manyAtOnceFetchOnce() throws Exception {
        try (ImageServer server = ImageServer.start()) {
            String address = server.file("/a.sif", sif);
            ExecutorService threads = Executors.newFixedThreadPool(8);
            List<Future<CachedImage>> all = new ArrayList<>();
            for (int at = 0; at < 8; at++) {
                all.add(threads.submit(() -> pull(address, PullMode.ALWAYS)));
            }
            for (Future<CachedImage> one : all) {
                assertThat(Files.size(one.get().file())).isEqualTo(sif.length);
            }
            threads.shutdown();
            assertThat(server.requests()).containsExactly("HEAD /a.sif", "GET /a.sif");
        }
    }

    private static long blobs(Path log) throws IOException {
        return Files.readAllLines(log).stream()
                .filter(line -> line.contains("\"GET /v2/") && line.contains("/blobs/"))
                .count();
    }

    @Test
    void registriesGiveSifFilesAndLayers() throws Exception {
        try {
            OciConverter.checkTools();
        } catch (ToolException e) {
            Assumptions.abort("SKIPPED: " + e.getMessage());
        }
        try (DockerRegistry registry = DockerRegistry.start(directory, "", "")) {
            RegistrySettings plain = RegistrySettings.defaults().alsoInsecure(Set.of(registry.host()));
            RegistryReference oras =
                    (RegistryReference) ImageReference.parse("oras://" + registry.host() + "/hpc/app:1");
            Path file = Files.write(directory.resolve("app.sif"), sif);
            Web web = new Web(WebSettings.defaults(), notices::add);
            Digest manifest = new Pusher(new RegistryClient(web, plain, Credentials.none()), Meter.none())
                    .push(oras, file, "app.sif", CacheCare.hash(file));
            CachedImage image = puller(plain).pull(oras, Architecture.AMD64, PullMode.MISSING);
            assertThat(Files.readAllBytes(image.file())).isEqualTo(sif);
            assertThat(image.pinned()).isEqualTo(oras.pinned(manifest).toString());

            Path layout = new OciLayoutMaker(directory.resolve("layout"))
                    .gzip(new TarMaker()
                            .directory("etc")
                            .file("etc/motd", "low")
                            .bytes())
                    .gzip(new TarMaker().file("etc/motd", "high").bytes())
                    .write();
            LayoutPusher.push(layout, registry.host(), "lib/layers", "1");
            LayoutPusher.push(layout, registry.host(), "lib/layers", "2");
            ImageReference layers = ImageReference.parse("docker://" + registry.host() + "/lib/layers:1");
            CachedImage converted = puller(plain).pull(layers, Architecture.AMD64, PullMode.MISSING);
            assertThat(CacheCare.hash(converted.file())).isEqualTo(converted.content());
            long asked = blobs(directory.resolve("registry.log"));
            CachedImage same = puller(plain)
                    .pull(
                            ImageReference.parse("docker://" + registry.host() + "/lib/layers:2"),
                            Architecture.AMD64,
                            PullMode.MISSING);
            assertThat(same.content()).isEqualTo(converted.content());
            assertThat(blobs(directory.resolve("registry.log"))).isEqualTo(asked);
            assertThat(remains()).isEmpty();

            assertThatThrownBy(() -> puller(plain)
                            .pull(
                                    ImageReference.parse("oras://" + registry.host() + "/lib/layers:1"),
                                    Architecture.AMD64,
                                    PullMode.MISSING))
                    .hasMessageContaining("write docker:// instead of oras://");
        }
    }
}
