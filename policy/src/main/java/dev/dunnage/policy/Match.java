package dev.dunnage.policy;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Whether a condition fits.
 *
 * @param why one line for explanations
 */
record Match(Answer answer, String why) {

    /** Whether it fits. */
    enum Answer {
        YES,
        NO,
        /** A fact is missing. */
        UNKNOWN
    }

    static Match yes(String why) {
        return new Match(Answer.YES, why);
    }

    static Match no(String why) {
        return new Match(Answer.NO, why);
    }

    static Match unknown(String why) {
        return new Match(Answer.UNKNOWN, why);
    }

    static Match of(boolean fits, String yes, String no) {
        return fits ? yes(yes) : no(no);
    }

    boolean is(Answer other) {
        return answer == other;
    }

    /** All of them: one that surely does not fit outweighs what is not known. */
    static Match all(List<Match> parts) {
        for (Answer decisive : List.of(Answer.NO, Answer.UNKNOWN)) {
            for (Match part : parts) {
                if (part.is(decisive)) {
                    return part;
                }
            }
        }
        return parts.isEmpty()
                ? yes("it has no condition")
                : yes(parts.stream().map(Match::why).collect(Collectors.joining("; ")));
    }
}
