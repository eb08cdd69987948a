package dev.dunnage.launcher.wire;

/** What the C side asks. */
public sealed interface Request extends Message permits LaunchRequest, Ping {}
