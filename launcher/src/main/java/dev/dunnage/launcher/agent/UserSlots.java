package dev.dunnage.launcher.agent;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Bounds the requests of one user that are worked on at the same time: an image on a file system that never answers
 * would otherwise cost everybody the agent, one worker after the other.
 */
final class UserSlots {
    private static final int STRIPES = 61;
    private static final int SLOTS = 8;
    private static final long PATIENCE_S = 5;

    private final Semaphore[] stripes =
            Stream.generate(() -> new Semaphore(SLOTS, true)).limit(STRIPES).toArray(Semaphore[]::new);

    /** Waits a little for a slot; false when there is none. */
    boolean enter(long uid) {
        try {
            return of(uid).tryAcquire(PATIENCE_S, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    void leave(long uid) {
        of(uid).release();
    }

    /** Users that share a stripe share its slots, which is rare and harmless. */
    private Semaphore of(long uid) {
        return stripes[(int) (uid % STRIPES)];
    }
}
