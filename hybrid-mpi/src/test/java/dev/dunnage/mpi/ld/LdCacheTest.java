package dev.dunnage.mpi.ld;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LdCacheTest {
    private static final int FLAGS = 0x0303;
    private static final Processor PLAIN = Processor.x86(Set.of());
    private static final Processor LEVEL_3 = Processor.x86(Set.of(
            "cx16", "lahf_lm", "popcnt", "sse4_1", "sse4_2", "ssse3", "avx", "avx2", "bmi1", "bmi2", "f16c", "fma",
            "abm", "movbe"));

    @Test
    void readsTheOldFormat() {
        byte[] names = text("libm.so.6\0/lib/libm.so.6\0");
        ByteBuffer out = ByteBuffer.allocate(16 + 12).order(ByteOrder.LITTLE_ENDIAN);
        out.put(text("ld.so-1.7.0\0")).putInt(1).putInt(FLAGS).putInt(0).putInt(10);

        LdCache cache = LdCache.of(concat(out.array(), names));

        assertThat(cache.find("libm.so.6", PLAIN)).contains("/lib/libm.so.6");
        assertThat(cache.find("libc.so.6", PLAIN)).isEmpty();
    }

    @Test
    void readsTheNewFormatAloneAndBehindTheOld() {
        byte[] alone = newFormat();
        ByteBuffer old = ByteBuffer.allocate(16 + 12 + 4).order(ByteOrder.LITTLE_ENDIAN);
        old.put(text("ld.so-1.7.0\0")).putInt(1).putInt(FLAGS).putInt(0).putInt(0);

        for (LdCache cache : List.of(LdCache.of(alone), LdCache.of(concat(old.array(), alone)))) {
            assertThat(cache.find("liba.so.1", PLAIN)).contains("/lib/liba.so.1");
            assertThat(cache.find("liba.so.1", LEVEL_3)).contains("/lib/v3/liba.so.1");
            assertThat(cache.find("liba.so.1", Processor.aarch64())).isEmpty();
        }
    }

    @Test
    void damagedCachesHaveFewerEntries() {
        byte[] sound = newFormat();
        Random random = new Random(3);
        for (int round = 0; round < 5000; round++) {
            byte[] content = sound.clone();
            content[20 + random.nextInt(content.length - 20)] = (byte) random.nextInt(256);
            assertThat(LdCache.of(content).names()).hasSizeBetween(0, 3);
        }
        assertThat(LdCache.of(new byte[3]).names()).isEmpty();
    }

    /** A library in three forms: for all, for level 3 and for a processor of old marks. */
    private static byte[] newFormat() {
        byte[] names = text("liba.so.1\0/lib/liba.so.1\0/lib/v3/liba.so.1\0/lib/sse/liba.so.1\0x86-64-v2\0x86-64-v3\0");
        int strings = 48 + 3 * 24;
        int extension = (strings + names.length + 3) / 4 * 4;
        ByteBuffer out = ByteBuffer.allocate(extension + 8 + 16 + 8).order(ByteOrder.LITTLE_ENDIAN);
        out.put(text("glibc-ld.so.cache1.1"))
                .putInt(3)
                .putInt(names.length)
                .put((byte) 2)
                .position(32);
        out.putInt(extension).position(48);
        entry(out, strings, strings + 25, 1L << 62 | 1);
        entry(out, strings, strings + 43, 1);
        entry(out, strings, strings + 10, 0);
        out.put(names).position(extension);
        out.putInt(0xeaa42174)
                .putInt(1)
                .putInt(1)
                .putInt(0)
                .putInt(extension + 24)
                .putInt(8);
        return out.putInt(strings + 62).putInt(strings + 72).array();
    }

    private static void entry(ByteBuffer out, int name, int path, long hardware) {
        out.putInt(FLAGS).putInt(name).putInt(path).putInt(0).putLong(hardware);
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
