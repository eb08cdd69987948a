package dev.dunnage.launcher.wire;

/** Kinds of frames, {@code native/WIRE.md} "Kinds". */
public enum Kind {
    LAUNCH(1),
    PLAN(2),
    REFUSAL(3),
    PING(4),
    PONG(5);

    private final int number;

    Kind(int number) {
        this.number = number;
    }

    /** Number on the wire. */
    public int number() {
        return number;
    }

    static Kind of(int number) throws WireException {
        for (Kind kind : values()) {
            if (kind.number == number) {
                return kind;
            }
        }
        throw new WireException("unknown kind of frame " + number);
    }
}
