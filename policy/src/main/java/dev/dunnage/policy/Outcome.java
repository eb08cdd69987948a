package dev.dunnage.policy;

/** What a requirement makes of the signatures, before rule and place are added. */
sealed interface Outcome {
    String reason();

    record Accepted(String reason, boolean trusted) implements Outcome {}

    record Refused(String reason, String remedy) implements Outcome {}
}
