package dev.dunnage.sif.armor;

import dev.dunnage.sif.Printable;

/** Text that is not well-formed OpenPGP armor or clearsigned text. */
public final class ArmorException extends Exception {
    private static final long serialVersionUID = 1L;

    ArmorException(String message) {
        super(message);
    }

    /** What is wrong where: a part of the text, what is there, and what must be there. */
    ArmorException(String part, String found, String wanted) {
        super("%s is %s, but must be %s".formatted(part, Printable.excerpt(found), wanted));
    }
}
