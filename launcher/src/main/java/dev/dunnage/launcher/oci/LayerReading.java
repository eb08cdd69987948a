package dev.dunnage.launcher.oci;

import java.util.function.LongConsumer;

/**
 * How layers are read.
 *
 * @param progress is told about each piece that was unpacked, in bytes, from several threads
 */
record LayerReading(ConversionLimits limits, LongConsumer progress, Gunzip gunzip) {}
