package dev.dunnage.launcher.oci;

/**
 * What an image may have at most, so that a hostile one cannot fill memory or disk.
 *
 * @param entries entries in the archives of all layers together
 * @param bytes uncompressed bytes of one layer
 * @param ratio uncompressed bytes of a layer per byte of its blob; asked for only beyond 4 GiB
 */
public record ConversionLimits(int entries, long bytes, long ratio) {
    static final long RATIO_FREE = 4L << 30;

    /** A million entries, 1 TiB a layer, 500 times the blob. */
    public static ConversionLimits usual() {
        return new ConversionLimits(1_000_000, 1L << 40, 500);
    }

    /** Most bytes that a layer may become. */
    long allowed(OciLayer layer) {
        long byRatio = Math.max(RATIO_FREE, Math.multiplyHigh(layer.size(), ratio) > 0 ? bytes : layer.size() * ratio);
        return Math.min(bytes, byRatio);
    }
}
