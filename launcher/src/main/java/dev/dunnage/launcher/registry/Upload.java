package dev.dunnage.launcher.registry;

import dev.dunnage.launcher.reference.Digest;
import dev.dunnage.launcher.web.Meter;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A blob to be pushed.
 *
 * @param source opened anew for each attempt
 */
record Upload(Digest digest, long size, Source source) {
    /** Opens the blob. */
    @FunctionalInterface
    interface Source {
        InputStream open() throws IOException;
    }

    static Upload of(Digest digest, byte[] bytes) {
        return new Upload(digest, bytes.length, () -> new ByteArrayInputStream(bytes));
    }

    static Upload of(Digest digest, Path file) throws IOException {
        return new Upload(digest, Files.size(file), () -> Files.newInputStream(file));
    }

    BodyPublisher publisher(Meter meter) {
        if (size == 0) {
            return BodyPublishers.noBody();
        }
        return BodyPublishers.fromPublisher(BodyPublishers.ofInputStream(() -> counted(meter)), size);
    }

    private InputStream counted(Meter meter) {
        try {
            return new Counted(source.open(), meter);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Tells what is read. */
    private static final class Counted extends FilterInputStream {
        private final Meter meter;

        Counted(InputStream in, Meter meter) {
            super(in);
            this.meter = meter;
        }

        @Override
        public int read(byte[] target, int from, int length) throws IOException {
            int count = super.read(target, from, length);
            if (count > 0) {
                meter.add(count);
            }
            return count;
        }
    }
}
