package dev.dunnage.policy;

import java.nio.file.Path;

/**
 * One rule or group in an explanation.
 *
 * @param rule its name
 * @param file where it stands
 * @param line 1-based line where it starts
 * @param result what came of it
 * @param why one line
 */
public record Considered(String rule, Path file, int line, Result result, String why) {

    /** What came of looking at a rule. */
    public enum Result {
        /** It fits and decides. */
        DECIDED("decides"),
        /** It does not fit. */
        DID_NOT_FIT("does not fit"),
        /** A fact is missing, so the image is refused here. */
        NOT_KNOWN("cannot be judged, which refuses"),
        /** It fits, but an earlier rule decided. */
        TOO_LATE("would fit, but an earlier one decided"),
        /** An earlier rule decided, and this one would not have fit or could not be judged. */
        NOT_REACHED("not reached");

        private final String words;

        Result(String words) {
            this.words = words;
        }
    }

    /** Makes the text safe to print. */
    public Considered {
        rule = OneLine.of(rule);
        why = OneLine.of(why);
    }

    /** {@code FILE:LINE: rule 'NAME' RESULT: WHY}. */
    public String oneLine() {
        return OneLine.of(file.toString()) + ":" + line + ": rule '" + rule + "' " + result.words + ": " + why;
    }
}
