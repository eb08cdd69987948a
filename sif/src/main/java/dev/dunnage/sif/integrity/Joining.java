package dev.dunnage.sif.integrity;

/** Waiting for threads that must be over before the image may be closed. */
final class Joining {
    private Joining() {}

    /** Waits for the end of a thread whatever happens; an interruption meanwhile is kept for later. */
    static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
