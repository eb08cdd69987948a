package dev.dunnage.launcher.web;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file as the body of a request, counted while it is sent. */
public final class FilePublisher {
    private FilePublisher() {}

    /** The file as it is when it is sent. */
    public static BodyPublisher of(Path file, Meter meter) {
        try {
            return BodyPublishers.fromPublisher(
                    BodyPublishers.ofInputStream(() -> open(file, meter)), Files.size(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InputStream open(Path file, Meter meter) {
        try {
            return new FilterInputStream(Files.newInputStream(file)) {
                @Override
                public int read(byte[] target, int from, int length) throws IOException {
                    int count = super.read(target, from, length);
                    meter.add(Math.max(count, 0));
                    return count;
                }
            };
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
