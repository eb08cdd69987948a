package dev.dunnage.mpi.elf;

import java.nio.charset.StandardCharsets;

/** Names of a file. All names together are bounded: a file can let many names share one long text. */
final class StringTable {
    static final int MAX_BYTES = 32 << 20;
    private static final int MAX_NAME = 1 << 16;
    private static final long MAX_TOTAL = 64L << 20;

    private final byte[] content;
    private long total;

    StringTable(byte[] content) {
        this.content = content;
    }

    String text(long offset) throws ElfException {
        if (offset < 0 || offset >= content.length) {
            throw new ElfException("a name at " + offset + " is outside of the table of names, which has "
                    + content.length + " bytes");
        }
        int from = (int) offset;
        int end = from;
        int limit = Math.min(content.length, from + MAX_NAME);
        while (end < limit && content[end] != 0) {
            end++;
        }
        if (end == limit) {
            throw new ElfException("a name at " + offset + " does not end");
        }
        total += end - from;
        if (total > MAX_TOTAL) {
            throw new ElfException("the names of the file are longer than " + MAX_TOTAL + " bytes altogether");
        }
        return new String(content, from, end - from, StandardCharsets.ISO_8859_1);
    }
}
