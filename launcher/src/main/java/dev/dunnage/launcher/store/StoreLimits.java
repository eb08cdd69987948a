package dev.dunnage.launcher.store;

import java.time.Duration;

/**
 * Bounds of the store.
 *
 * @param bytes most bytes that copies may take together
 * @param quiet a copy that was used within this time is not evicted: its plan may not have been carried out yet
 */
public record StoreLimits(long bytes, Duration quiet) {
    private static final long GIBIBYTE = 1L << 30;

    /** 50 GiB and 15 minutes, which is above any time limit of the C side. */
    public static StoreLimits defaults() {
        return new StoreLimits(50 * GIBIBYTE, Duration.ofMinutes(15));
    }
}
