package dev.dunnage.launcher.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dunnage.launcher.fixture.SettableClock;
import dev.dunnage.launcher.wire.ContentDigest;
import dev.dunnage.sif.ImageBytes;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageStoreTest {
    private static final int SIZE = 3_000_001;

    @TempDir
    Path temporary;

    private final SettableClock clock = SettableClock.ahead();
    private Path root = Path.of("unset");
    private Path image = Path.of("unset");

    @BeforeEach
    void prepare() throws IOException {
        root = temporary.resolve("store");
        image = write("image.sif", 1, SIZE);
    }

    private Path write(String name, long seed, int size) throws IOException {
        byte[] content = new byte[size];
        new Random(seed).nextBytes(content);
        return Files.write(temporary.resolve(name), content);
    }

    private ImageStore store() throws StoreException {
        return ImageStore.open(root, StoreLimits.defaults(), clock);
    }

    @Test
    void aCopyIsNamedByItsContentAndNobodyCanWriteIt() throws Exception {
        StoredImage copy = store().copyOf(counted(image).image());
        assertThat(copy.digest()).isEqualTo(digest(image));
        assertThat(copy.file()).isEqualTo(root.resolve(digest(image).hex() + ".sif"));
        assertThat(Files.mismatch(copy.file(), image)).isEqualTo(-1);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(copy.file())))
                .isEqualTo("r--------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(root)))
                .isEqualTo("rwx------");
    }

    @Test
    void theSecondLaunchReadsNothing() throws Exception {
        Counted first = counted(image);
        StoredImage copy = store().copyOf(first.image());
        assertThat(first.read()).isEqualTo(SIZE);
        Counted second = counted(image);
        assertThat(store().copyOf(second.image())).isEqualTo(copy);
        assertThat(second.read()).isZero();
    }

    @Test
    void aChangedFileIsCopiedAnew() throws Exception {
        StoredImage before = store().copyOf(counted(image).image());
        Files.write(image, new byte[] {1}, StandardOpenOption.APPEND);
        StoredImage after = store().copyOf(counted(image).image());
        assertThat(after.digest()).isEqualTo(digest(image)).isNotEqualTo(before.digest());
        assertThat(before.file()).exists();
    }

    @Test
    void aFileThatChangedJustNowIsNotRemembered() throws Exception {
        SettableClock now = new SettableClock(Files.getLastModifiedTime(image).toInstant());
        ImageStore.open(root, StoreLimits.defaults(), now).copyOf(counted(image).image());
        assertThat(root.resolve("index")).isEmptyDirectory();
        Counted again = counted(image);
        store().copyOf(again.image());
        assertThat(again.read()).isEqualTo(SIZE);
        assertThat(copies()).hasSize(1);
    }

    @Test
    void aLostCopyIsMadeAgain() throws Exception {
        Files.delete(store().copyOf(counted(image).image()).file());
        assertThat(store().copyOf(counted(image).image()).file()).hasSameBinaryContentAs(image);
    }

    @Test
    void aDamagedIndexCostsOnlyACopy() throws Exception {
        store().copyOf(counted(image).image());
        try (Stream<Path> entries = Files.list(root.resolve("index"))) {
            Files.writeString(entries.findFirst().orElseThrow(), "0123");
        }
        assertThat(store().copyOf(counted(image).image()).digest()).isEqualTo(digest(image));
    }

    @Test
    void concurrentRequestsMakeOneCopy() throws Exception {
        ImageStore store = store();
        AtomicLong read = new AtomicLong();
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Future<StoredImage>> answers = new ArrayList<>();
            for (int thread = 0; thread < 8; thread++) {
                answers.add(threads.submit(() -> store.copyOf(counted(image, read))));
            }
            Set<StoredImage> different = new HashSet<>();
            for (Future<StoredImage> answer : answers) {
                different.add(answer.get(30, TimeUnit.SECONDS));
            }
            assertThat(different).hasSize(1);
            assertThat(read).hasValue(SIZE);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void aFileThatIsCutWhileItIsCopiedLeavesNothing() throws Exception {
        ImageBytes cut = new ImageBytes() {
            @Override
            public long size() {
                return SIZE;
            }

            @Override
            public int read(ByteBuffer target, long position) {
                if (position > SIZE / 2) {
                    return -1;
                }
                int count = target.remaining();
                target.position(target.limit());
                return count;
            }
        };
        ImageStore store = store();
        assertThatThrownBy(() -> store.copyOf(new OpenImage(cut, image))).isInstanceOf(EOFException.class);
        assertThat(files(root)).containsExactlyInAnyOrder("index", "locks", "verdicts");
    }

    @Test
    void theLeastRecentlyUsedCopiesMakeRoom() throws Exception {
        StoreLimits limits = new StoreLimits(2L * SIZE + 100, Duration.ofMinutes(10));
        ImageStore store = ImageStore.open(root, limits, clock);
        StoredImage oldest = store.copyOf(counted(image).image());
        clock.pass(Duration.ofMinutes(20));
        StoredImage older = store.copyOf(counted(write("b", 2, SIZE)).image());
        clock.pass(Duration.ofMinutes(20));
        store.copyOf(counted(image).image());
        clock.pass(Duration.ofMinutes(20));
        store.copyOf(counted(write("c", 3, SIZE)).image());
        assertThat(older.file()).doesNotExist();
        assertThat(oldest.file()).exists();
        assertThat(copies()).hasSize(2);
    }

    @Test
    void whatWasUsedJustNowIsNotEvictedAndTheBoundHolds() throws Exception {
        ImageStore store = ImageStore.open(root, new StoreLimits(SIZE + 100, Duration.ofMinutes(10)), clock);
        StoredImage first = store.copyOf(counted(image).image());
        OpenImage second = counted(write("b", 2, SIZE)).image();
        assertThatThrownBy(() -> store.copyOf(second))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("used in the last minutes; start again later");
        assertThat(copies()).containsExactly(first.file().getFileName().toString());
        assertThat(first.file()).hasSameBinaryContentAs(image);
        clock.pass(Duration.ofMinutes(11));
        store.copyOf(second);
        assertThat(first.file()).doesNotExist();
    }

    @Test
    void whatIsMountedIsNotEvictedHoweverLongAgoItWasAskedFor() throws Exception {
        ImageStore store = ImageStore.open(root, new StoreLimits(2L * SIZE + 100, Duration.ofMinutes(10)), clock);
        StoredImage mounted = store.copyOf(counted(image).image());
        clock.pass(Duration.ofMinutes(20));
        StoredImage unused = store.copyOf(counted(write("b", 2, SIZE)).image());
        clock.pass(Duration.ofDays(1));
        Process step = new ProcessBuilder("flock", "-s", mounted.file().toString(), "cat").start();
        try {
            waitForLock(mounted.file());
            store.copyOf(counted(write("c", 3, SIZE)).image());
            assertThat(mounted.file()).exists();
            assertThat(unused.file()).doesNotExist();
            clock.pass(Duration.ofDays(1));
            OpenImage tooMuch = counted(write("d", 4, 2 * SIZE)).image();
            assertThatThrownBy(() -> store.copyOf(tooMuch)).hasMessageContaining("images that steps use");
            assertThat(mounted.file()).exists();
        } finally {
            step.getOutputStream().close();
            step.waitFor();
        }
        store.copyOf(counted(write("e", 5, 2 * SIZE)).image());
        assertThat(mounted.file()).doesNotExist();
    }

    private static void waitForLock(Path file) throws InterruptedException {
        for (int tries = 0; tries < 200 && !Kernel.isLocked(file); tries++) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
        assertThat(Kernel.isLocked(file)).isTrue();
    }

    @Test
    void aStoreThatWasClearedUnderARunningProcessIsMadeAgain() throws Exception {
        ImageStore store = store();
        store.copyOf(counted(image).image());
        for (String part : List.of("locks", "index", "verdicts", "")) {
            delete(root.resolve(part));
            assertThat(store.copyOf(counted(image).image()).file()).hasSameBinaryContentAs(image);
            store.sweep();
        }
        assertThat(files(root)).contains("index", "locks", "verdicts");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve("locks"))))
                .isEqualTo("rwx------");
    }

    private static void delete(Path tree) throws IOException {
        try (Stream<Path> files = Files.walk(tree)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @Test
    void anImageAboveTheBoundIsRefused() throws Exception {
        ImageStore store = ImageStore.open(root, new StoreLimits(SIZE - 1, Duration.ofMinutes(10)), clock);
        OpenImage open = counted(image).image();
        assertThatThrownBy(() -> store.copyOf(open))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("larger than the whole image store");
    }

    @Test
    void theAdministratorsBoundIsInTheStore() throws Exception {
        store();
        Files.writeString(root.resolve("limit"), "2K\n");
        OpenImage open = counted(image).image();
        assertThatThrownBy(() -> store().copyOf(open)).hasMessageContaining("which may hold 2048");
        Files.writeString(root.resolve("limit"), "plenty");
        assertThatThrownBy(this::store).isInstanceOf(StoreException.class).hasMessageContaining("200G");
    }

    @Test
    void aStoreThatOthersCanEnterIsRefused() throws Exception {
        store();
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertThatThrownBy(this::store).isInstanceOf(StoreException.class).hasMessageContaining("chmod 0700");
    }

    @Test
    void aStoreOfAnotherAccountIsRefused() throws Exception {
        store();
        try {
            Files.setAttribute(root, "unix:uid", 12345);
        } catch (IOException e) {
            Assumptions.abort("giving a directory away needs root");
        }
        assertThatThrownBy(this::store).isInstanceOf(StoreException.class).hasMessageContaining("uid 12345");
    }

    @Test
    void aStoreThatCannotBeMadeSaysHow() {
        root = temporary.resolve("absent/store");
        assertThatThrownBy(this::store)
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("install -d -o dunnage -g dunnage -m 0700 " + root);
    }

    private record Counted(OpenImage image, AtomicLong bytes) {
        long read() {
            return bytes.get();
        }
    }

    private static Counted counted(Path file) {
        AtomicLong read = new AtomicLong();
        return new Counted(counted(file, read), read);
    }

    private static OpenImage counted(Path file, AtomicLong read) {
        return new OpenImage(
                new ImageBytes() {
                    @Override
                    public long size() throws IOException {
                        return Files.size(file);
                    }

                    @Override
                    public int read(ByteBuffer target, long position) throws IOException {
                        try (FileChannel channel = FileChannel.open(file)) {
                            int count = channel.read(target, position);
                            read.addAndGet(count);
                            return count;
                        }
                    }
                },
                file);
    }

    private List<String> copies() throws IOException {
        return files(root).stream().filter(name -> name.endsWith(".sif")).toList();
    }

    private static List<String> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    private static ContentDigest digest(Path file) throws Exception {
        return ContentDigest.of(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    }
}
