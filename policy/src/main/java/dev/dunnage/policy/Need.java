package dev.dunnage.policy;

/** A fact that costs work to find out and that some policies look at; see {@link Policy#needs()}. */
public enum Need {
    /** {@link Subject#user()}. */
    USER_NAME,
    /** {@link Subject#groups()}. */
    GROUP_NAMES,
    /** {@link Subject#account()}. */
    ACCOUNT,
    /** {@link Subject#partition()}. */
    PARTITION,
    /** {@link ImageFacts#digest()}. */
    DIGEST,
    /** {@link ImageFacts#source()}. */
    SOURCE,
    /** {@link ImageFacts#labels()}. */
    LABELS
}
