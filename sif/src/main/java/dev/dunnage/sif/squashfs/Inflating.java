package dev.dunnage.sif.squashfs;

import io.airlift.compress.MalformedInputException;
import io.airlift.compress.lz4.Lz4Decompressor;
import io.airlift.compress.lzo.LzoDecompressor;
import io.airlift.compress.zstd.ZstdDecompressor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.tukaani.xz.XZInputStream;

/** Decompresses blocks, each into a buffer of its greatest length. */
final class Inflating {
    /** The window of xz is no larger than a block; this is what its decoder may take, in KiB. */
    private static final int XZ_MEMORY = 16 << 10;

    private final String compressor;

    Inflating(String compressor) throws SquashfsException {
        this.compressor = compressor;
        if (compressor.equals("lzma")) {
            throw new SquashfsException("the file system is packed with lzma, which is not read; build the image anew");
        }
    }

    /**
     * Decompresses one block.
     *
     * @param most its greatest length
     */
    byte[] inflate(byte[] packed, int most) throws SquashfsException {
        byte[] target = new byte[most];
        int length;
        try {
            length = switch (compressor) {
                case "gzip" -> zlib(packed, target);
                case "xz" -> xz(packed, target);
                case "zstd" -> new ZstdDecompressor().decompress(packed, 0, packed.length, target, 0, most);
                case "lz4" -> new Lz4Decompressor().decompress(packed, 0, packed.length, target, 0, most);
                case "lzo" -> new LzoDecompressor().decompress(packed, 0, packed.length, target, 0, most);
                default -> throw new SquashfsException("packed with " + compressor + ", which is not read");
            };
        } catch (MalformedInputException | DataFormatException | IllegalArgumentException e) {
            throw damaged(e);
        }
        return length == most ? target : Arrays.copyOf(target, length);
    }

    private SquashfsException damaged(Exception e) {
        return new SquashfsException(
                "a block of the image cannot be unpacked (" + compressor + ": " + e.getMessage()
                        + "); copy or build the image anew",
                e);
    }

    private static int zlib(byte[] packed, byte[] target) throws DataFormatException {
        Inflater inflater = new Inflater();
        try {
            inflater.setInput(packed);
            int length = inflater.inflate(target);
            if (!inflater.finished() && inflater.inflate(new byte[1]) > 0) {
                throw new DataFormatException("a block is too long");
            }
            return length;
        } finally {
            inflater.end();
        }
    }

    private int xz(byte[] packed, byte[] target) throws SquashfsException {
        try (XZInputStream in = new XZInputStream(new ByteArrayInputStream(packed), XZ_MEMORY)) {
            int length = in.readNBytes(target, 0, target.length);
            if (in.read() >= 0) {
                throw new SquashfsException("a block is too long");
            }
            return length;
        } catch (SquashfsException e) {
            throw e;
        } catch (IOException e) {
            throw damaged(e);
        }
    }
}
