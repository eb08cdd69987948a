package dev.dunnage.mpi.elf;

/** The file is no ELF file that can be read, in one line. */
public final class ElfException extends Exception {
    private static final long serialVersionUID = 1L;

    /** One line: what is wrong where. */
    public ElfException(String message) {
        super(message);
    }
}
