package dev.dunnage.launcher.wire;

/** Asks whether somebody is there; answered by {@link Pong}. */
public record Ping() implements Request {}
