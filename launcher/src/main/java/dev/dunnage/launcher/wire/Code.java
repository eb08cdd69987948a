package dev.dunnage.launcher.wire;

/** Why something was refused, and the exit status that the command line gives it; {@code native/WIRE.md} "Codes". */
public enum Code {
    POLICY(1, 3),
    IMAGE_BAD(2, 4),
    IMAGE_ABSENT(3, 5),
    CONFIG(4, 6),
    REQUEST(5, 2),
    SETUP(6, 7),
    UNAVAILABLE(7, 8),
    INTERNAL(8, 9);

    private final int number;
    private final int exitStatus;

    Code(int number, int exitStatus) {
        this.number = number;
        this.exitStatus = exitStatus;
    }

    /** Number on the wire. */
    public int number() {
        return number;
    }

    /** Exit status of {@code dunnage} for this reason. */
    public int exitStatus() {
        return exitStatus;
    }

    static Code of(long number) throws WireException {
        for (Code code : values()) {
            if (code.number == number) {
                return code;
            }
        }
        throw new WireException("unknown refusal code " + number);
    }
}
