package dev.dunnage.launcher.agent;

/** The agent cannot start; the message is one line with cause and remedy. */
public final class AgentException extends Exception {
    private static final long serialVersionUID = 1L;

    AgentException(String message) {
        super(message);
    }
}
