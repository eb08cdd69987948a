package dev.dunnage.sif.key;

import dev.dunnage.sif.armor.Armor;
import dev.dunnage.sif.armor.ArmorException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Bytes of a key file, brought to binary OpenPGP packets. */
final class PacketFile {
    static final int MAX_SIZE = 16 << 20;

    private PacketFile() {}

    /**
     * The packets of a file that is armored or binary; blocks of other types than asked for are refused.
     *
     * @param type armor type, for example {@code PGP PUBLIC KEY BLOCK}
     */
    static byte[] packets(byte[] content, String type) throws ArmorException, UnfitException {
        if (content.length == 0 || (content[0] & 0x80) != 0) {
            return content;
        }
        if (isKeybox(content)) {
            throw new UnfitException("it is a GnuPG keybox, export the keys with gpg --export");
        }
        ByteArrayOutputStream packets = new ByteArrayOutputStream();
        for (Armor.Block block : Armor.decodeAll(content)) {
            if (!block.type().equals(type)) {
                throw new UnfitException("it holds a %s instead of a %s".formatted(safe(block.type()), type));
            }
            packets.writeBytes(block.content());
        }
        if (packets.size() == 0) {
            throw new UnfitException("it holds no " + type);
        }
        return packets.toByteArray();
    }

    private static boolean isKeybox(byte[] content) {
        return content.length > 12 && new String(content, 8, 4, StandardCharsets.ISO_8859_1).equals("KBXf");
    }

    private static String safe(String type) {
        return Optional.of(type).filter(t -> t.matches("[A-Z ]{1,40}")).orElse("block of unknown type");
    }

    /** A file of another kind. */
    static final class UnfitException extends Exception {
        private static final long serialVersionUID = 1L;

        UnfitException(String message) {
            super(message);
        }
    }
}
