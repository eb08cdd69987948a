package dev.dunnage.sif;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/** Images in memory, and the small images and keys that lie beside the tests. */
public final class TestImages {
    /** The keys and signatures beside the tests are dated 2026-11-23. */
    public static final Instant CLOCK = Instant.parse("2026-12-01T00:00:00Z");

    private TestImages() {}

    public static ImageBytes of(byte[] content) {
        return new ImageBytes() {
            @Override
            public long size() {
                return content.length;
            }

            @Override
            public int read(ByteBuffer target, long position) {
                if (position >= content.length) {
                    return -1;
                }
                int count = (int) Math.min(target.remaining(), content.length - position);
                target.put(content, (int) position, count);
                return count;
            }
        };
    }

    public static ImageBytes of(Path file) throws IOException {
        return of(Files.readAllBytes(file));
    }

    public static byte[] resource(String name) {
        try (InputStream in = TestImages.class.getResourceAsStream("/" + name)) {
            if (in == null) {
                throw new IllegalArgumentException("no test resource " + name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static ImageBytes image(String name) {
        return of(resource("images/" + name + ".sif"));
    }

    /** A resource as a file, for code that takes paths. */
    public static Path file(String name) {
        try {
            return Path.of(TestImages.class.getResource("/" + name).toURI());
        } catch (java.net.URISyntaxException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
