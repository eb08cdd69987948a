package dev.dunnage.launcher.wire;

/**
 * Sign of life of the agent.
 *
 * @param version version of the answering program
 * @param policy one line: state of the policy
 */
public record Pong(String version, String policy) implements Reply {}
