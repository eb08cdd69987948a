package dev.dunnage.mpi.elf;

import dev.dunnage.mpi.tree.FileBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * First bytes of an ELF file.
 *
 * @param wide whether it is of class 64
 * @param order of its numbers
 * @param machine number of the processor, such as {@link #X86_64}
 */
public record ElfHeader(boolean wide, ByteOrder order, int machine) {
    /** Number of x86-64 processors. */
    public static final int X86_64 = 62;
    /** Number of 64-bit Arm processors. */
    public static final int AARCH64 = 183;

    private static final byte[] MAGIC = {0x7f, 'E', 'L', 'F'};
    private static final int LENGTH = 20;

    /**
     * Reads them.
     *
     * @throws ElfException when the file is none of ELF
     */
    public static ElfHeader read(FileBytes bytes) throws IOException, ElfException {
        if (bytes.size() < LENGTH) {
            throw new ElfException("the file is too short for ELF");
        }
        byte[] head = bytes.bytes(0, LENGTH);
        for (int at = 0; at < MAGIC.length; at++) {
            if (head[at] != MAGIC[at]) {
                throw new ElfException("the file does not start as ELF does");
            }
        }
        if (head[4] < 1 || head[4] > 2 || head[5] < 1 || head[5] > 2) {
            throw new ElfException("class " + head[4] + " and byte order " + head[5] + " are none of ELF");
        }
        ByteOrder order = head[5] == 1 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
        ByteBuffer numbers = ByteBuffer.wrap(head).order(order);
        return new ElfHeader(head[4] == 2, order, Short.toUnsignedInt(numbers.getShort(18)));
    }
}
