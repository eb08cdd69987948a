package dev.dunnage.launcher.wire;

/** What the Java side answers. */
public sealed interface Reply extends Message permits LaunchPlan, Refusal, Pong {}
