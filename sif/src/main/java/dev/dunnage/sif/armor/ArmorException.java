package dev.dunnage.sif.armor;

/** Text that is not well-formed OpenPGP armor or clearsigned text. */
public final class ArmorException extends Exception {
    private static final long serialVersionUID = 1L;

    ArmorException(String message) {
        super(message);
    }
}
