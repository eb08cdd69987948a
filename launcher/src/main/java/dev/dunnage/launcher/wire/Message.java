package dev.dunnage.launcher.wire;

/** The content of one frame. */
public sealed interface Message permits Request, Reply {}
