package dev.dunnage.policy;

/** How bad a remark is. */
public enum Severity {
    /** The policy cannot be used. */
    ERROR,
    /** The policy can be used, but may not mean what its author meant. */
    WARNING
}
