package dev.dunnage.launcher.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dunnage.launcher.reference.Digest;
import dev.dunnage.launcher.reference.ImageReference;
import dev.dunnage.sif.Architecture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageCacheTest {
    @TempDir
    Path directory;

    private ImageCache cache = new ImageCache(Path.of("unset"), Optional.empty(), 0);

    @BeforeEach
    void prepare() throws IOException {
        cache = cache(100);
    }

    private ImageCache cache(long limit) throws IOException {
        ImageCache made = new ImageCache(directory.resolve("home/cache"), Optional.empty(), limit);
        made.prepare();
        return made;
    }

    private static ImageName name(String text) throws Exception {
        return ImageName.of(ImageReference.parse(text), Architecture.AMD64);
    }

    /** An image of so many bytes, used some minutes ago. */
    private Digest add(String reference, int size, int minutes) throws Exception {
        byte[] bytes = new byte[size];
        bytes[0] = (byte) minutes;
        Path part = Files.write(cache.partial().resolve("part"), bytes);
        Digest content = CacheCare.hash(part);
        FileTime time = FileTime.from(Instant.now().minus(Duration.ofMinutes(minutes)));
        Files.setLastModifiedTime(part, time);
        cache.add(part, content);
        cache.name(name(reference), content, reference);
        Files.setLastModifiedTime(cache.names().resolve(name(reference).key()), time);
        return content;
    }

    private List<String> left() throws IOException {
        return new CacheCare(cache)
                .list().stream().flatMap(entry -> entry.names().stream()).toList();
    }

    @Test
    void directoriesAreTheUsersAlone() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(cache.root())))
                .isEqualTo("rwx------");
    }

    @Test
    void findsByNameAndNothingThatIsCutShort() throws Exception {
        Digest content = add("oras://h.example/a:1", 10, 1);
        assertThat(cache.find(name("oras://h.example/a:1")))
                .map(CachedImage::content)
                .contains(content);
        assertThat(cache.find(name("oras://h.example/a:2"))).isEmpty();
        assertThat(cache.find(ImageName.of(ImageReference.parse("oras://h.example/a:1"), Architecture.ARM64)))
                .isEmpty();
        Files.write(ImageCache.image(cache.root(), content), new byte[9]);
        assertThat(cache.find(name("oras://h.example/a:1"))).isEmpty();
    }

    @Test
    void aTagBesideADigestSaysNothing() throws Exception {
        String digest = "@sha256:" + "a".repeat(64);
        assertThat(name("docker://h.example/a:1" + digest)).isEqualTo(name("docker://h.example/a" + digest));
    }

    @Test
    void theSitesCacheIsReadOnly() throws Exception {
        add("oras://h.example/a:1", 10, 1);
        ImageCache mine = new ImageCache(directory.resolve("mine"), Optional.of(cache.root()), 100);
        assertThat(mine.find(name("oras://h.example/a:1")))
                .map(CachedImage::file)
                .hasValueSatisfying(file -> assertThat(file).startsWith(cache.root()));
        assertThat(directory.resolve("mine")).doesNotExist();
    }

    @Test
    void removesWhatWasUsedLongestAgo() throws Exception {
        add("oras://h.example/old:1", 40, 30);
        add("oras://h.example/middle:1", 40, 20);
        Digest latest = add("oras://h.example/new:1", 40, 10);
        cache.find(name("oras://h.example/old:1")); // that is a use
        new CacheCare(cache).trim(latest);
        assertThat(left()).containsExactlyInAnyOrder("oras://h.example/old:1", "oras://h.example/new:1");
    }

    @Test
    void neverRemovesWhatIsInUse() throws Exception {
        Digest used = add("oras://h.example/used:1", 80, 30);
        add("oras://h.example/free:1", 80, 20);
        Digest latest = add("oras://h.example/new:1", 80, 10);
        Process holder = new ProcessBuilder(
                        "flock",
                        "-s",
                        ImageCache.image(cache.root(), used).toString(),
                        "sh",
                        "-c",
                        "echo held; read line")
                .start();
        assertThat(holder.inputReader().readLine()).isEqualTo("held");
        try {
            new CacheCare(cache).trim(latest);
            assertThat(left()).containsExactlyInAnyOrder("oras://h.example/used:1", "oras://h.example/new:1");
        } finally {
            holder.getOutputStream().close(); // the shell ends by that, and flock after it: both hold the lock
            holder.waitFor();
        }
        new CacheCare(cache).trim(latest);
        assertThat(left()).containsExactly("oras://h.example/new:1");
    }

    @Test
    void whatKilledPullsHaveLeftGoesAndWhatIsAtWorkStays() throws Exception {
        cache.prepare();
        Path killed = Files.createDirectory(cache.partial().resolve(".dunnage-build-1"));
        Files.write(killed.resolve("root.squashfs"), new byte[10]);
        Files.setLastModifiedTime(killed, FileTime.from(Instant.now().minus(Duration.ofDays(2))));
        Path atWork = Files.createDirectory(cache.partial().resolve(".dunnage-build-2"));
        Files.setLastModifiedTime(atWork, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
        Path part = Files.write(cache.partial().resolve("part"), new byte[5]);
        Files.setLastModifiedTime(part, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
        assertThat(new CacheCare(cache).clearPartial(Duration.ofHours(1))).isEqualTo(15);
        assertThat(atWork).exists();
        assertThat(List.of(killed, part)).noneMatch(Files::exists);
    }

    @Test
    void noticesDamage() throws Exception {
        Digest content = add("oras://h.example/a:1", 10, 1);
        CacheCare care = new CacheCare(cache);
        assertThat(care.isSound(care.list().get(0))).isTrue();
        Files.write(ImageCache.image(cache.root(), content), new byte[10]);
        assertThat(care.isSound(care.list().get(0))).isFalse();
    }

    @Test
    void oneAtATime() throws Exception {
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger waited = new AtomicInteger();
        List<String> holders = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        List<Future<Boolean>> all = new ArrayList<>();
        for (int at = 0; at < 4; at++) {
            all.add(threads.submit(() -> cache.alone(
                    name("oras://h.example/a:1"),
                    holder -> {
                        synchronized (holders) {
                            holders.add(holder);
                        }
                    },
                    hasWaited -> {
                        waited.addAndGet(hasWaited ? 1 : 0);
                        boolean alone = inside.incrementAndGet() == 1;
                        pause();
                        inside.decrementAndGet();
                        return alone;
                    })));
        }
        for (Future<Boolean> one : all) {
            assertThat(one.get()).isTrue();
        }
        threads.shutdown();
        assertThat(waited.get()).isEqualTo(3);
        assertThat(holders).hasSize(3);
    }

    @Test
    void aPlaceThatCannotBeUsedIsNamed() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "");
        ImageCache bad = new ImageCache(file.resolve("cache"), Optional.empty(), 1);
        assertThatThrownBy(bad::prepare).hasMessageContainingAll(file.toString(), "DUNNAGE_CACHEDIR");
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
