package dev.dunnage.launcher.wire;

/** What the user said about the home directory. */
public enum HomeChoice {
    LEAVE_OUT(0),
    BIND(1),
    SITE_DEFAULT(2);

    private final int number;

    HomeChoice(int number) {
        this.number = number;
    }

    /** Number on the wire. */
    public int number() {
        return number;
    }

    static HomeChoice of(long number) throws WireException {
        for (HomeChoice choice : values()) {
            if (choice.number == number) {
                return choice;
            }
        }
        throw new WireException("mount-home is " + number + ", allowed are 0, 1 and 2");
    }
}
