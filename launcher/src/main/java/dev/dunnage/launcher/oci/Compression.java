package dev.dunnage.launcher.oci;

import io.airlift.compress.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;

/** How a layer is packed. The first bytes tell; media types in the wild do not always. */
final class Compression {
    private static final int BUFFER = 1 << 16;
    private static final int GZIP = 0x1f8b0000;
    private static final int ZSTD = 0x28b52ffd;
    private static final int XZ = 0xfd377a58;
    private static final int BZIP2 = 0x425a6800;

    private Compression() {}

    /** The unpacked content; closing it closes the blob. */
    static InputStream unpack(OciLayer layer, Gunzip gunzip) throws IOException, OciException {
        BufferedInputStream blob = new BufferedInputStream(layer.content().open(), BUFFER);
        try {
            blob.mark(4);
            byte[] start = blob.readNBytes(4);
            blob.reset();
            int magic = 0;
            for (byte each : start) {
                magic = (magic << 8) | (each & 0xff);
            }
            return unpack(layer, blob, start.length < 4 ? 0 : magic, gunzip);
        } catch (IOException | OciException | RuntimeException e) {
            blob.close();
            throw e;
        }
    }

    private static InputStream unpack(OciLayer layer, InputStream blob, int magic, Gunzip gunzip)
            throws IOException, OciException {
        if ((magic & 0xffff0000) == GZIP) {
            return gunzip.open(blob);
        } else if (magic == ZSTD) {
            return ReadAhead.of(new ZstdInputStream(blob));
        } else if (magic == XZ || (magic & 0xffffff00) == BZIP2) {
            throw new OciException(layer.name() + " is packed with " + (magic == XZ ? "xz" : "bzip2")
                    + "; push the image anew with gzip or zstd");
        }
        return blob;
    }
}
