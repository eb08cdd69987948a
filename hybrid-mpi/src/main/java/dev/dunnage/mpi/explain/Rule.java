package dev.dunnage.mpi.explain;

/**
 * One thing that was compared.
 *
 * @param name a short word
 * @param text what was compared with what, and what follows
 */
public record Rule(String name, Outcome outcome, String text) {

    /** What came out. */
    public enum Outcome {
        HOLDS,
        FAILS,
        /** Nobody can tell, or it only costs speed. */
        OPEN
    }

    static Rule holds(String name, String text) {
        return new Rule(name, Outcome.HOLDS, text);
    }

    static Rule fails(String name, String text) {
        return new Rule(name, Outcome.FAILS, text);
    }

    static Rule open(String name, String text) {
        return new Rule(name, Outcome.OPEN, text);
    }
}
