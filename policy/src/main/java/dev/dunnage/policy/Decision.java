package dev.dunnage.policy;

import java.nio.file.Path;

/** What a rule says about one image, and why. */
public sealed interface Decision permits Decision.Allow, Decision.Deny {

    /** Name of the deciding group, or of the built-in rule in parentheses. */
    String rule();

    /** The policy file. */
    Path file();

    /** 1-based line in the policy file where the rule starts. */
    int line();

    /** Why, without a full stop. */
    String reason();

    /** The decision in one line for users and logs. */
    String oneLine();

    /**
     * The image may run.
     *
     * @param trusted a signature was demanded and found good, so the kernel may mount the image
     */
    record Allow(String rule, Path file, int line, String reason, boolean trusted) implements Decision {
        /** Makes the reason safe to print. */
        public Allow {
            reason = OneLine.of(reason);
        }

        @Override
        public String oneLine() {
            return "allowed by rule '" + rule + "' (" + file + ":" + line + "): " + reason
                    + (trusted ? "" : "; not trusted");
        }
    }

    /**
     * The image must not run.
     *
     * @param remedy what the user or the site can do about it, without a full stop
     */
    record Deny(String rule, Path file, int line, String reason, String remedy) implements Decision {
        /** Makes reason and remedy safe to print. */
        public Deny {
            reason = OneLine.of(reason);
            remedy = OneLine.of(remedy);
        }

        @Override
        public String oneLine() {
            return "refused by rule '" + rule + "' (" + file + ":" + line + "): " + reason + "; " + remedy;
        }
    }
}
