package dev.dunnage.launcher.pull;

import dev.dunnage.launcher.cache.ImageCache;
import dev.dunnage.launcher.reference.Digest;
import dev.dunnage.launcher.web.DigestMismatchException;
import dev.dunnage.launcher.web.Download;
import dev.dunnage.launcher.web.Meter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/** Downloads into the cache's place for files that are not complete; what came earlier is not asked for again. */
final class Parts {
    private static final int BUFFER = 1 << 17;

    private final ImageCache cache;
    private final Meter meter;
    private final Consumer<String> notices;

    Parts(ImageCache cache, Meter meter, Consumer<String> notices) {
        this.cache = cache;
        this.meter = meter;
        this.notices = notices;
    }

    Path file(String name) {
        return cache.partial().resolve(name);
    }

    Meter meter() {
        return meter;
    }

    /** A content of known digest. Another process that fetches the same is waited for. */
    Path fetch(Digest digest, Download download) throws IOException {
        return fetch(digest, download, new Arriving());
    }

    /**
     * The same for a content that is read while it comes.
     *
     * @param arriving is told how much of the file is here
     */
    Path fetch(Digest digest, Download download, Arriving arriving) throws IOException {
        return cache.alone(
                digest,
                holder -> notices.accept("waiting for " + holder + ", which is fetching a part of the image"),
                waited -> {
                    Path file = file(digest.hex());
                    append(file, download, arriving);
                    return file;
                });
    }

    /**
     * Completes a file.
     *
     * @return its digest
     */
    Digest append(Path file, Download download) throws IOException {
        return append(file, download, new Arriving());
    }

    private Digest append(Path file, Download download, Arriving arriving) throws IOException {
        MessageDigest hash = sha256();
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            if (channel.size() > download.size()) {
                channel.truncate(0);
            }
            long here = known(channel, hash);
            meter.expect(download.size());
            meter.add(here);
            arriving.here(file, here);
            try (InputStream in = download.open(here, hash, meter)) {
                copy(in, channel, bytes -> arriving.here(file, bytes), here);
            }
        } catch (DigestMismatchException e) {
            Files.deleteIfExists(file);
            throw e;
        }
        return download.digest().orElseGet(() -> new Digest(HexFormat.of().formatHex(hash.digest())));
    }

    /** A content of unknown length, always from its beginning. */
    Digest write(Path file, InputStream in) throws IOException {
        MessageDigest hash = sha256();
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            byte[] bytes = new byte[BUFFER];
            for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
                hash.update(bytes, 0, count);
                meter.add(count);
                write(channel, ByteBuffer.wrap(bytes, 0, count));
            }
        }
        return new Digest(HexFormat.of().formatHex(hash.digest()));
    }

    private static long known(FileChannel channel, MessageDigest hash) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(BUFFER);
        long length = 0;
        for (int count = channel.read(bytes); count >= 0; count = channel.read(bytes)) {
            hash.update(bytes.flip());
            bytes.clear();
            length += count;
        }
        return length;
    }

    private static void copy(InputStream in, FileChannel channel, LongConsumer here, long from) throws IOException {
        byte[] bytes = new byte[BUFFER];
        long at = from;
        for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
            write(channel, ByteBuffer.wrap(bytes, 0, count));
            at += count;
            here.accept(at);
        }
    }

    private static void write(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
