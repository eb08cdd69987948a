package dev.dunnage.sif.armor;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

/** Armor blocks, RFC 4880 section 6.2. A checksum line is optional, and compared when it is there. */
public final class Armor {
    private static final Pattern HEADER = Pattern.compile("[A-Za-z][A-Za-z0-9-]*:( .*)?");
    private static final String BEGIN = "-----BEGIN ";
    private static final String DASHES = "-----";
    private static final int LINE = 64;

    private Armor() {}

    /**
     * One armored block.
     *
     * @param type text of the first line, for example {@code PGP SIGNATURE}
     * @param content the bytes inside
     */
    @SuppressWarnings("ArrayRecordComponent") // a carrier between two methods, never compared
    public record Block(String type, byte[] content) {}

    /** All blocks of a text; text outside of blocks is passed over. */
    public static List<Block> decodeAll(byte[] text) throws ArmorException {
        Lines lines = Lines.of(text);
        List<Block> blocks = new ArrayList<>();
        while (lines.hasNext()) {
            if (isBegin(lines.peek())) {
                blocks.add(decode(lines));
            } else {
                lines.next();
            }
        }
        return blocks;
    }

    static boolean isBegin(String line) {
        return line.startsWith(BEGIN) && line.endsWith(DASHES) && line.length() > BEGIN.length() + DASHES.length();
    }

    static Block decode(Lines lines) throws ArmorException {
        String first = lines.next();
        String type = first.substring(BEGIN.length(), first.length() - DASHES.length());
        for (String header = lines.next(); !header.isEmpty(); header = lines.next()) {
            if (!HEADER.matcher(header).matches()) {
                throw new ArmorException(
                        "%s, an armor header,".formatted(lines.place()), header, "a name, a colon and a blank");
            }
        }
        StringBuilder body = new StringBuilder();
        String line = lines.next();
        while (!line.startsWith("=") && !line.startsWith("-")) {
            body.append(line);
            line = lines.next();
        }
        byte[] content = base64(lines, body.toString());
        if (line.startsWith("=")) {
            compareCheckSum(lines, line.substring(1), content);
            line = lines.next();
        }
        String last = "-----END " + type + DASHES;
        if (!line.equals(last)) {
            throw new ArmorException(lines.place() + ", the last of the armor,", line, last);
        }
        return new Block(type, content);
    }

    /** The bytes in lines of 64 characters without a checksum, and without a line end behind the last line. */
    public static String encode(String type, byte[] content) {
        return frame(type, content, "");
    }

    /** A block for key files: with a checksum, which GnuPG 2.2 needs to find the end, and a last line end. */
    public static String encodeFile(String type, byte[] content) {
        int sum = checkSum(content);
        byte[] bytes = {(byte) (sum >> 16), (byte) (sum >> 8), (byte) sum};
        return frame(type, content, "\n=" + Base64.getEncoder().encodeToString(bytes)) + "\n";
    }

    private static String frame(String type, byte[] content, String checkSum) {
        String body = Base64.getMimeEncoder(LINE, new byte[] {'\n'}).encodeToString(content);
        return BEGIN + type + DASHES + "\n\n" + body + checkSum + "\n-----END " + type + DASHES;
    }

    private static byte[] base64(Lines lines, String text) throws ArmorException {
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw new ArmorException("the armored bytes up to %s are no base64 (%s), but must be"
                    .formatted(lines.place(), e.getMessage()));
        }
    }

    private static void compareCheckSum(Lines lines, String text, byte[] content) throws ArmorException {
        byte[] given = base64(lines, text);
        int sum = given.length == 3 ? (given[0] & 0xff) << 16 | (given[1] & 0xff) << 8 | (given[2] & 0xff) : -1;
        if (sum != checkSum(content)) {
            throw new ArmorException(
                    lines.place() + ", the checksum of the armor,",
                    text,
                    "that of the bytes, %06x".formatted(checkSum(content)));
        }
    }

    /** CRC-24 of RFC 4880, section 6.1. */
    private static int checkSum(byte[] content) {
        int crc = 0xB704CE;
        for (byte each : content) {
            crc ^= (each & 0xff) << 16;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc << 1) ^ ((crc & 0x800000) != 0 ? 0x1864CFB : 0);
            }
        }
        return crc & 0xFFFFFF;
    }
}
