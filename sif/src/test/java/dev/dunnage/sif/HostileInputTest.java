package dev.dunnage.sif;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.dunnage.sif.key.KeyRing;
import dev.dunnage.sif.key.PemKeys;
import dev.dunnage.sif.verify.SifVerifier;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Damaged images end in the two exceptions that the reader declares, and cost a bounded amount of memory. */
class HostileInputTest {
    private static final int ROUNDS = 800;
    private static final long MOST_BYTES = 64L << 20;

    @ParameterizedTest
    @ValueSource(strings = {"signed-rsa4096-a", "two-groups-mixed", "dsse-ed25519", "legacy-object", "gpg-subkey"})
    void survives(String name) throws Exception {
        byte[] good = TestImages.resource("images/" + name + ".sif");
        KeyRing ring = KeyRing.read(TestImages.file("keys/ring.pgp"));
        PemKeys keys = PemKeys.read(TestImages.file("keys/ed25519.pub.pem"));
        Random random = new Random(name.hashCode());
        int[] places = interestingPlaces(good);
        for (int round = 0; round < ROUNDS; round++) {
            byte[] damaged = damage(good, random, places);
            long before = allocated();
            use(damaged, ring, keys);
            assertThat(allocated() - before).as("round %d", round).isLessThan(MOST_BYTES);
        }
    }

    private static void use(byte[] content, KeyRing ring, PemKeys keys) throws IOException {
        ImageBytes bytes = TestImages.of(content);
        try {
            SifImage image = SifImage.read(bytes);
            SifListing.lines(image);
            SifVerifier verifier = new SifVerifier(ring, keys, TestImages.CLOCK);
            verifier.verify(image, bytes);
            verifier.verifyLegacy(image, bytes);
            image.checkRunnable(Architecture.AMD64, bytes);
        } catch (SifFormatException e) {
            assertThat(e).message().hasLineCount(1);
        }
    }

    /** Header, used descriptors and signatures; what lies between is content that nobody parses. */
    private static int[] interestingPlaces(byte[] good) throws Exception {
        SifImage image = SifImage.read(TestImages.of(good));
        int used = image.objects().size() * SifLayout.DESCRIPTOR_SIZE;
        var places = java.util.stream.IntStream.concat(
                java.util.stream.IntStream.range(32, 128), java.util.stream.IntStream.range(4096, 4096 + used));
        for (SifObject object : image.objects()) {
            if (object.type() == DataType.SIGNATURE) {
                places = java.util.stream.IntStream.concat(
                        places, java.util.stream.IntStream.range((int) object.offset(), (int) object.end()));
            }
        }
        return places.toArray();
    }

    private static byte[] damage(byte[] good, Random random, int[] places) {
        byte[] damaged = random.nextInt(10) == 0 ? Arrays.copyOf(good, random.nextInt(good.length)) : good.clone();
        for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
            int place = places[random.nextInt(places.length)];
            if (place < damaged.length) {
                damaged[place] = random.nextBoolean()
                        ? (byte) (damaged[place] ^ (1 << random.nextInt(8)))
                        : (byte) random.nextInt(256);
            }
        }
        return damaged;
    }

    private static long allocated() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        return threads.getThreadAllocatedBytes(Thread.currentThread().getId());
    }
}
