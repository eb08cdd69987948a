package dev.dunnage.launcher.oci;

import java.io.IOException;
import java.io.InputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/** Undoes gzip, by which most layers are packed. */
@FunctionalInterface
public interface Gunzip {
    /**
     * The unpacked content, of all members one after the other. Its end is reached only when {@code packed} was read to its end.
     *
     * @param packed is closed with the result
     */
    InputStream open(InputStream packed) throws IOException;

    /** With what Java brings, in a thread of its own. */
    static Gunzip java() {
        return packed -> ReadAhead.of(GzipCompressorInputStream.builder()
                .setInputStream(packed)
                .setDecompressConcatenated(true)
                .get());
    }
}
