package dev.dunnage.launcher.wire;

/**
 * A variable that every rank gets.
 *
 * @param name {@code [A-Za-z_][A-Za-z0-9_]*}
 * @param value any text without NUL
 */
public record EnvironmentVariable(String name, String value) {}
