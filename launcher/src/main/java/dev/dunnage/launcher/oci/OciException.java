package dev.dunnage.launcher.oci;

/** An OCI image is damaged, hostile or of a kind that cannot become a SIF; the message is one line with cause and remedy. */
public final class OciException extends Exception {
    private static final long serialVersionUID = 1L;

    OciException(String message) {
        super(message);
    }
}
