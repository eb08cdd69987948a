package dev.dunnage.sif;

/** Purpose of a cryptographic message object. */
public enum MessageKind {
    CLEAR_SIGNATURE(0x100, "Clear Signature"),
    /** A key that is wrapped with the RSA key of whoever may open an encrypted image. */
    RSA_OAEP(0x200, "RSA-OAEP"),
    /** Any other code; 0 in objects whose writer named none. */
    UNKNOWN(0, "Unknown");

    private final int code;
    private final String label;

    MessageKind(int code, String label) {
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
    public static MessageKind ofCode(int code) {
        for (MessageKind each : values()) {
            if (each.code == code) {
                return each;
            }
        }
        return UNKNOWN;
    }
}
