package dev.dunnage.launcher.oneshot;

/** Placeholder until next step. */
final class WarmUp {
    private WarmUp() {}

    static void run() {}
}
