package dev.dunnage.launcher.oci;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** The entries of one layer, in order. Whatever is wrong with the bytes becomes an error that names the layer. */
final class LayerStream implements AutoCloseable {
    private static final int BLOCK = 10240;
    private static final int RECORD = 512;
    private static final int BUFFER = 1 << 18;

    private final OciLayer layer;
    private final InputStream unpacked;
    private final GuardedStream guard;
    private final TarArchiveInputStream tar;
    private boolean started;

    private LayerStream(OciLayer layer, InputStream unpacked, LayerReading reading) {
        this.layer = layer;
        this.guard = new GuardedStream(unpacked, reading.limits().allowed(layer), reading.progress());
        this.unpacked = guard;
        this.tar = new TarArchiveInputStream(guard, BLOCK, RECORD, "UTF-8", true);
    }

    /**
     * Opens a layer for its first reading, at whose end {@link #readRest} is asked.
     *
     * @param kept gets what it unpacks to
     */
    static LayerStream first(OciLayer layer, LayerReading reading, Scratch.Kept kept) throws OciException {
        try {
            InputStream unpacked = kept.of(Compression.unpack(layer, reading.gunzip()));
            return new LayerStream(layer, new BufferedInputStream(unpacked, BUFFER), reading);
        } catch (IOException e) {
            throw damaged(layer, e);
        }
    }

    /** Opens a layer once more, in what was kept of it if there is something. */
    static LayerStream again(OciLayer layer, LayerReading reading, Scratch.Kept kept) throws OciException {
        try {
            Optional<InputStream> known = kept.again();
            InputStream unpacked = known.isPresent() ? known.get() : Compression.unpack(layer, reading.gunzip());
            return new LayerStream(layer, new BufferedInputStream(unpacked, BUFFER), reading);
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

    /** Reads what is left: the end of a blob is reached only when its digest was right. */
    void readRest() throws OciException {
        try {
            unpacked.transferTo(OutputStream.nullOutputStream());
            if (guard.count() % RECORD != 0) {
                throw new EOFException("it ends in the middle of a record");
            }
        } catch (IOException | RuntimeException e) {
            throw damaged(layer, e);
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
