package dev.dunnage.launcher.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.dunnage.launcher.oci.Gunzip;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Both ways to undo gzip behave alike. */
class IgzipTest {
    private static final byte[] CONTENT = content();

    enum Way {
        JAVA,
        IGZIP;

        Gunzip gunzip() {
            if (this == JAVA) {
                return Gunzip.java();
            }
            assumeTrue(Tool.find("igzip").isPresent(), "SKIPPED: igzip is not installed (package isal)");
            return Igzip.ifInstalled();
        }
    }

    private static byte[] content() {
        byte[] bytes = new byte[3_000_000];
        new Random(7).nextBytes(bytes);
        Arrays.fill(bytes, 0, 2_000_000, (byte) 'a');
        return bytes;
    }

    private static byte[] gzip(byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(content);
        }
        return bytes.toByteArray();
    }

    private static byte[] unpacked(Way way, InputStream packed) throws IOException {
        try (InputStream in = way.gunzip().open(packed)) {
            return in.readAllBytes();
        }
    }

    @ParameterizedTest
    @EnumSource
    void allMembersAreUnpacked(Way way) throws IOException {
        byte[] twice = unpacked(
                way,
                new SequenceInputStream(
                        new ByteArrayInputStream(gzip(CONTENT)), new ByteArrayInputStream(gzip(new byte[] {'z'}))));

        assertThat(twice).hasSize(CONTENT.length + 1).startsWith(CONTENT).endsWith('z');
    }

    @ParameterizedTest
    @EnumSource
    void whatIsCutOrChangedIsRefused(Way way) throws IOException {
        byte[] packed = gzip(CONTENT);
        byte[] changed = packed.clone();
        changed[packed.length - 6] ^= 1;
        way.gunzip();

        Stream.of(Arrays.copyOf(packed, packed.length / 2), Arrays.copyOf(packed, packed.length - 3), changed)
                .forEach(broken -> assertThatThrownBy(() -> unpacked(way, new ByteArrayInputStream(broken)))
                        .isInstanceOf(IOException.class));
    }

    @ParameterizedTest
    @EnumSource
    void whatCannotBeReadIsNoEnd(Way way) throws IOException {
        byte[] packed = gzip(CONTENT);
        InputStream fails = new SequenceInputStream(
                new ByteArrayInputStream(packed), new FilterInputStream(InputStream.nullInputStream()) {
                    @Override
                    public int read(byte[] target, int from, int length) throws IOException {
                        throw new IOException("the digest is wrong");
                    }
                });

        assertThatThrownBy(() -> unpacked(way, fails)).hasMessageContaining("the digest is wrong");
    }

    @ParameterizedTest
    @EnumSource
    void halfWayItCanBeClosed(Way way) throws IOException {
        InputStream in = way.gunzip().open(new ByteArrayInputStream(gzip(CONTENT)));

        assertThat(in.readNBytes(10)).containsOnly('a');
        in.close();
    }
}
