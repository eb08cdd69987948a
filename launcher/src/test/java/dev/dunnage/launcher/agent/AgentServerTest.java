package dev.dunnage.launcher.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dunnage.launcher.Version;
import dev.dunnage.launcher.fixture.TestSite;
import dev.dunnage.launcher.plan.SiteFiles;
import dev.dunnage.launcher.store.ImageStore;
import dev.dunnage.launcher.store.StoreLimits;
import dev.dunnage.launcher.wire.Codec;
import dev.dunnage.launcher.wire.Frame;
import dev.dunnage.launcher.wire.LaunchPlan;
import dev.dunnage.launcher.wire.Message;
import dev.dunnage.launcher.wire.Ping;
import dev.dunnage.launcher.wire.Pong;
import dev.dunnage.policy.OwnershipRule;
import dev.dunnage.sif.key.PgpSecretKey;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class AgentServerTest {
    private static final Duration PEER_LIMIT = Duration.ofMillis(400);

    @TempDir
    Path temporary;

    private final ConcurrentLinkedQueue<String> log = new ConcurrentLinkedQueue<>();
    private final ExecutorService serving = Executors.newCachedThreadPool();
    private final List<AgentServer> servers = new ArrayList<>();
    private final List<Future<AgentServer>> runs = new ArrayList<>();
    private TestSite site = new TestSite(Path.of("unset"));
    private Path image = Path.of("unset");

    @BeforeEach
    void prepare() throws Exception {
        site = TestSite.in(temporary);
        PgpSecretKey key = TestSite.newKey("signer");
        site.trust(key);
        site.policy("whitelist", key);
        image = TestSite.writableByOthers(site.image("a.sif", key));
    }

    @AfterEach
    void stop() throws Exception {
        servers.forEach(AgentServer::close);
        serving.shutdown();
        for (Future<AgentServer> run : runs) {
            assertThat(run.get(10, TimeUnit.SECONDS)).as("serving ends").isNotNull();
        }
    }

    private Path socket() {
        return site.root().resolve("agent.sock");
    }

    private AgentServer open() throws Exception {
        Clock clock = Clock.offset(Clock.systemUTC(), Duration.ofSeconds(10));
        SiteFiles files = new SiteFiles(site.paths(), OwnershipRule.any(), clock, SiteFiles.Life.LONG, log::add);
        ImageStore store = ImageStore.open(site.store(), StoreLimits.defaults(), clock);
        AgentServer server = AgentServer.open(socket(), files, store, clock, log::add, PEER_LIMIT);
        servers.add(server);
        return server;
    }

    private AgentServer start() throws Exception {
        AgentServer server = open();
        runs.add(serving.submit(() -> {
            server.serve();
            return server;
        }));
        return server;
    }

    private static Message decode(byte[] answer) throws Exception {
        return Codec.decode(Frame.read(new ByteArrayInputStream(answer)));
    }

    private byte[] ask(byte[] request, int descriptors) {
        try (Plugin plugin = new Plugin(socket())) {
            return plugin.send(request, image, descriptors).answer();
        }
    }

    private byte[] request() throws Exception {
        return Codec.encode(TestSite.request(image));
    }

    /** What goes wrong is logged after the connection is closed. */
    private void assertLogged(String part) throws InterruptedException {
        for (int wait = 0; wait < 250 && log.stream().noneMatch(line -> line.contains(part)); wait++) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
        assertThat(log).anySatisfy(line -> assertThat(line).contains(part));
    }

    @Test
    void aPingIsAnswered() throws Exception {
        start();
        Pong pong = AgentClient.ping(socket());
        assertThat(pong.version()).isEqualTo(Version.text()).matches("[0-9]+\\.[0-9]+\\..*");
        assertThat(pong.policy()).contains("policy.yaml: active, 1 group");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket())))
                .isEqualTo("rw-rw-rw-");
    }

    @Test
    void anImageThatCameAsADescriptorIsPlanned() throws Exception {
        start();
        assertThat(decode(ask(request(), 1))).isInstanceOf(LaunchPlan.class);
        assertThat(log).anySatisfy(line -> assertThat(line).contains("job 4711", "uid 1000", "KERNEL from the store"));
    }

    @Test
    void aRequestWithoutItsOneImageIsNotAnswered() throws Exception {
        start();
        assertThat(ask(request(), 0)).isEmpty();
        assertThat(ask(request(), 2)).isEmpty();
        assertThat(ask(request(), 200)).isEmpty();
        assertThat(ask(Codec.encode(new Ping()), 1)).isEmpty();
        assertLogged("200 descriptors");
    }

    @Test
    void nothingThatAPeerSendsHarmsTheNextOne() throws Exception {
        start();
        Random random = new Random(7);
        byte[] good = request();
        for (int round = 0; round < 100; round++) {
            byte[] bad = good.clone();
            bad[random.nextInt(bad.length)] ^= (byte) (1 + random.nextInt(255));
            byte[] cut = Arrays.copyOf(bad, 1 + random.nextInt(bad.length));
            try (Plugin plugin = new Plugin(socket())) {
                plugin.send(cut, image, random.nextInt(3)); // and gone, without waiting for an answer
            }
        }
        assertThat(decode(ask(good, 1))).isInstanceOf(LaunchPlan.class);
    }

    @Test
    void noDescriptorStaysOpen() throws Exception {
        start();
        for (int round = 0; round < 10; round++) {
            ask(request(), round % 5);
        }
        // The JVM opens a few for itself (class files, channels' own wake-up) at times of its choice; what a request
        // keeps would be counted 50 times.
        long before = openDescriptors() + 10;
        for (int round = 0; round < 50; round++) {
            ask(request(), 1 + round % 4);
        }
        for (int wait = 0; wait < 100 && openDescriptors() > before; wait++) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
        assertThat(openDescriptors()).isLessThanOrEqualTo(before);
    }

    private static long openDescriptors() throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors.filter(Files::exists).count();
        }
    }

    @Test
    void aPeerThatNeverFinishesItsRequestIsLeft() throws Exception {
        start();
        long start = System.nanoTime();
        assertThat(ask(Arrays.copyOf(request(), 20), 1)).isEmpty();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isBetween(PEER_LIMIT, PEER_LIMIT.multipliedBy(20));
        assertLogged("did not arrive in time");
    }

    @Test
    void manyAskAtOnce() throws Exception {
        start();
        List<Future<byte[]>> answers = new ArrayList<>();
        for (int peer = 0; peer < 40; peer++) {
            answers.add(serving.submit(() -> ask(request(), 1)));
        }
        for (Future<byte[]> answer : answers) {
            assertThat(decode(answer.get(30, TimeUnit.SECONDS))).isInstanceOf(LaunchPlan.class);
        }
    }

    @Test
    void aSecondAgentIsRefusedAndAStaleSocketIsReplaced() throws Exception {
        AgentServer first = start();
        assertThatThrownBy(this::open).isInstanceOf(AgentException.class).hasMessageContaining("another agent serves");
        first.close();
        assertThat(socket()).doesNotExist();
        try (var stale = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            stale.bind(UnixDomainSocketAddress.of(socket()));
        }
        assertThat(socket()).exists();
        start();
        assertThat(AgentClient.ping(socket()).version()).isNotEmpty();
    }

    @Test
    void unsafeOrTakenPlacesAreRefused() throws Exception {
        Files.writeString(socket(), "precious");
        assertThatThrownBy(this::open).isInstanceOf(AgentException.class).hasMessageContaining("no socket");
        assertThat(socket()).hasContent("precious");
        Files.delete(socket());
        Files.setPosixFilePermissions(site.root(), PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThatThrownBy(this::open).isInstanceOf(AgentException.class).hasMessageContaining("chmod go-w");
    }

    @Test
    void leavesWhenNobodyAsksAndThatIsWished() throws Exception {
        AgentServer server = open();
        long begin = System.nanoTime();
        server.serve(Optional.of(Duration.ofMillis(300)));
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThanOrEqualTo(Duration.ofMillis(250));
    }

    @Test
    void aThousandAtOnceCostNoThousandThreads() throws Exception {
        start();
        int before = ManagementFactory.getThreadMXBean().getThreadCount();
        List<SocketChannel> waiting = new ArrayList<>();
        try {
            for (int count = 0; count < 1000; count++) {
                waiting.add(SocketChannel.open(UnixDomainSocketAddress.of(socket())));
            }
            int during = ManagementFactory.getThreadMXBean().getThreadCount();
            assertThat(during - before).isLessThanOrEqualTo(40);
        } finally {
            for (SocketChannel channel : waiting) {
                channel.close();
            }
        }
        assertThat(decode(ask(request(), 1))).isInstanceOf(LaunchPlan.class);
    }
}
