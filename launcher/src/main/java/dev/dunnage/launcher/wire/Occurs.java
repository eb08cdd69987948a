package dev.dunnage.launcher.wire;

/** How often a record may come in one frame. */
enum Occurs {
    ONCE("1", 1, 1),
    OPTIONAL("?", 0, 1),
    MANY("*", 0, 1024);

    private final String symbol;
    private final int least;
    private final int most;

    Occurs(String symbol, int least, int most) {
        this.symbol = symbol;
        this.least = least;
        this.most = most;
    }

    String symbol() {
        return symbol;
    }

    void check(Tag tag, int count) throws WireException {
        if (count < least) {
            throw new WireException("record " + tag + " is missing");
        }
        if (count > most) {
            throw new WireException("record " + tag + " comes more than " + (most == 1 ? "once" : most + " times"));
        }
    }
}
