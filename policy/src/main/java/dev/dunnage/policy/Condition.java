package dev.dunnage.policy;

import java.util.Set;

/** One line of a rule's {@code match}: a fact and the values that fit. */
sealed interface Condition
        permits PathCondition, IdentityCondition, JobCondition, DigestCondition, SourceCondition, LabelCondition {
    Match judge(Subject subject, ImageFacts image);

    /** Whether everything that fits the other fits this one too; false when that is not certain. */
    boolean includes(Condition other);

    Set<Need> needs();
}
