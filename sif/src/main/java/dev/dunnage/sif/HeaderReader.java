package dev.dunnage.sif;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/** Reads and checks the global header. */
final class HeaderReader {
    private static final int SIGNED_START = 45;

    private final byte[] raw;
    private final long fileSize;

    private HeaderReader(byte[] raw, long fileSize) {
        this.raw = raw;
        this.fileSize = fileSize;
    }

    static HeaderReader of(ImageBytes bytes) throws IOException, SifFormatException {
        long size = bytes.size();
        if (size < SifLayout.HEADER_SIZE) {
            throw new SifFormatException("file size", size, "at least the 128 bytes of a SIF header", 0);
        }
        return new HeaderReader(bytes.bytes(0, SifLayout.HEADER_SIZE), size);
    }

    /** The 61 bytes that a signature covers: launch script, magic and version, then the image id. */
    byte[] signedPart() {
        byte[] signed = new byte[SIGNED_START + 16];
        System.arraycopy(raw, 0, signed, 0, SIGNED_START);
        System.arraycopy(raw, 48, signed, SIGNED_START, 16);
        return signed;
    }

    SifHeader read(List<String> warnings) throws SifFormatException {
        expect("magic", 32, SifLayout.MAGIC, "SIF_MAGIC and a NUL");
        expect("version", 42, SifLayout.VERSION, "01 and a NUL");
        if (raw[SifLayout.LAUNCH_SIZE - 1] != 0) {
            warnings.add("the launch script is not closed by a NUL");
        }
        String archText = new String(raw, 45, 2, StandardCharsets.ISO_8859_1);
        Architecture architecture = raw[47] == 0 ? Architecture.ofCode(archText) : Architecture.UNKNOWN;
        if (architecture == Architecture.UNKNOWN && !archText.equals("00")) {
            warnings.add("the architecture of the header is not known");
        }
        ByteBuffer numbers = ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer id = ByteBuffer.wrap(raw, 48, 16).order(ByteOrder.BIG_ENDIAN);
        SifHeader header = new SifHeader(
                Printable.ofPadded(Arrays.copyOf(raw, SifLayout.LAUNCH_SIZE)),
                architecture,
                new UUID(id.getLong(), id.getLong()),
                numbers.getLong(64),
                numbers.getLong(72),
                numbers.getLong(80),
                total(numbers.getLong(88)),
                numbers.getLong(96),
                numbers.getLong(104),
                numbers.getLong(112),
                numbers.getLong(120));
        checkTable(header);
        checkData(header);
        return header;
    }

    private void expect(String field, int offset, byte[] expected, String text) throws SifFormatException {
        byte[] found = Arrays.copyOfRange(raw, offset, offset + expected.length);
        if (!Arrays.equals(found, expected)) {
            throw new SifFormatException("header field " + field, Printable.of(found), text, offset);
        }
    }

    private static int total(long value) throws SifFormatException {
        if (value < 0 || value > SifLayout.MAX_DESCRIPTORS) {
            throw new SifFormatException("descriptor total", value, "0 to " + SifLayout.MAX_DESCRIPTORS, 88);
        }
        return (int) value;
    }

    private void checkTable(SifHeader header) throws SifFormatException {
        long needed = (long) header.totalDescriptors() * SifLayout.DESCRIPTOR_SIZE;
        if (header.tableSize() < needed) {
            throw new SifFormatException(
                    "descriptor table size", header.tableSize(), "at least %d".formatted(needed), 104);
        }
        if (header.tableOffset() < SifLayout.HEADER_SIZE) {
            throw new SifFormatException("descriptor table offset", header.tableOffset(), "at least 128", 96);
        }
        if (header.tableOffset() > fileSize || header.tableSize() > fileSize - header.tableOffset()) {
            throw new SifFormatException(
                    "descriptor table end",
                    header.tableOffset() + " + " + header.tableSize(),
                    "inside the file of %d bytes".formatted(fileSize),
                    96);
        }
    }

    private static void checkData(SifHeader header) throws SifFormatException {
        long offset = header.dataOffset();
        boolean inTable = offset >= header.tableOffset() && offset - header.tableOffset() < header.tableSize();
        if (offset < SifLayout.HEADER_SIZE || inTable) {
            throw new SifFormatException("data offset", offset, "outside header and descriptor table", 112);
        }
        if (header.dataSize() < 0) {
            throw new SifFormatException("data size", header.dataSize(), "0 or more", 120);
        }
    }
}
