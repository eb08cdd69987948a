package dev.dunnage.sif;

/** Encoding of a cryptographic message object. */
public enum MessageFormat {
    OPENPGP(1, "OpenPGP"),
    PEM(2, "PEM"),
    /** Any other code; 0 in objects whose writer named none. */
    UNKNOWN(0, "Unknown");

    private final int code;
    private final String label;

    MessageFormat(int code, String label) {
        this.code = code;
        this.label = label;
    }

    /** The number in the descriptor. */
    public int code() {
        return code;
    }

    /** The name in listings. */
    public String label() {
        return label;
    }

    /** The member with this number; {@link #UNKNOWN} for any other one. */
    public static MessageFormat ofCode(int code) {
        for (MessageFormat each : values()) {
            if (each.code == code) {
                return each;
            }
        }
        return UNKNOWN;
    }
}
