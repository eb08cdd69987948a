package dev.dunnage.launcher.oci;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** The entries of one layer, in order. Whatever is wrong with the bytes becomes an error that names the layer. */
final class LayerStream implements AutoCloseable {
    private static final int BLOCK = 10240;
    private static final int RECORD = 512;

    private final OciLayer layer;
    private final MessageDigest digest;
    private final InputStream unpacked;
    private final GuardedStream guard;
    private final TarArchiveInputStream tar;
    private boolean started;

    private LayerStream(
            OciLayer layer,
            InputStream unpacked,
            ConversionLimits limits,
            LongConsumer progress,
            MessageDigest digest) {
        this.digest = digest;
        this.layer = layer;
        this.guard = new GuardedStream(unpacked, limits.allowed(layer), progress);
        this.unpacked = guard;
        this.tar = new TarArchiveInputStream(guard, BLOCK, RECORD, "UTF-8", true);
    }

    /**
     * Opens a layer for its first reading, at whose end {@link #checkDigest} is asked.
     *
     * @param kept gets what it unpacks to
     */
    static LayerStream first(OciLayer layer, ConversionLimits limits, LongConsumer progress, Scratch.Kept kept)
            throws OciException {
        try {
            MessageDigest digest = OciImage.sha256();
            InputStream unpacked = new DigestInputStream(ReadAhead.of(Compression.unpack(layer)), digest);
            return new LayerStream(layer, kept.of(unpacked), limits, progress, digest);
        } catch (IOException e) {
            throw damaged(layer, e);
        }
    }

    /** Opens a layer once more, in what was kept of it if there is something. */
    static LayerStream again(OciLayer layer, ConversionLimits limits, LongConsumer progress, Scratch.Kept kept)
            throws OciException {
        try {
            Optional<InputStream> known = kept.again();
            InputStream unpacked = known.isPresent() ? known.get() : ReadAhead.of(Compression.unpack(layer));
            return new LayerStream(layer, unpacked, limits, progress, OciImage.sha256());
        } catch (IOException e) {
            throw damaged(layer, e);
        }
    }

    /** The next entry that is a file of some kind; empty at the end. */
    Optional<TarArchiveEntry> next() throws OciException {
        try {
            if (started) {
                tar.transferTo(OutputStream.nullOutputStream()); // so that only a header is read below
            }
            started = true;
            guard.inHeader();
            Optional<TarArchiveEntry> entry = Optional.ofNullable(tar.getNextEntry());
            guard.inContent();
            return entry;
        } catch (IOException | RuntimeException e) {
            throw damaged(layer, e);
        }
    }

    /** Content of the entry that came last, to an archive under way; errors of the two sides are kept apart. */
    void copyTo(OutputStream out, byte[] buffer) throws IOException, OciException {
        for (int got = read(buffer); got >= 0; got = read(buffer)) {
            out.write(buffer, 0, got);
        }
    }

    private int read(byte[] buffer) throws OciException {
        try {
            return tar.read(buffer, 0, buffer.length);
        } catch (IOException | RuntimeException e) {
            throw damaged(layer, e);
        }
    }

    /** Reads what is left and compares. */
    void checkDigest() throws OciException {
        try {
            unpacked.transferTo(OutputStream.nullOutputStream());
        } catch (IOException | RuntimeException e) {
            throw damaged(layer, e);
        }
        String found = "sha256:" + HexFormat.of().formatHex(digest.digest());
        if (!found.equals(layer.diffId())) {
            throw new OciException(layer.name() + " does not unpack to what the image's configuration says (" + found
                    + " instead of " + layer.diffId() + "); the image is damaged, push it anew");
        }
    }

    private static OciException damaged(OciLayer layer, Exception e) {
        return new OciException(layer.name() + " cannot be unpacked (" + e.getMessage()
                + "); the image is damaged or hostile, pull it again or push it anew");
    }

    @Override
    public void close() throws OciException {
        try {
            tar.close();
        } catch (IOException e) {
            throw damaged(layer, e);
        }
    }
}
