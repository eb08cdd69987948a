package dev.dunnage.policy;

/** The network that a step sees. */
public enum NetworkKind {
    /** That of the host. */
    HOST,
    /** A name space of its own with nothing but the loopback device. */
    NONE
}
