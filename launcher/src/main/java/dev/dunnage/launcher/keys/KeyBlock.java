package dev.dunnage.launcher.keys;

import dev.dunnage.sif.armor.Armor;
import dev.dunnage.sif.armor.ArmorException;
import dev.dunnage.sif.key.KeyFacts;
import dev.dunnage.sif.key.KeyRing;
import dev.dunnage.sif.key.KeyRingException;
import dev.dunnage.sif.key.PgpSecretKey;
import dev.dunnage.sif.key.SecretKeyException;
import dev.dunnage.sif.key.SecretKeys;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** One OpenPGP key, public or secret, with everything that belongs to it. Immutable. */
public final class KeyBlock {
    private static final String PUBLIC = "PGP PUBLIC KEY BLOCK";
    private static final String SECRET = "PGP PRIVATE KEY BLOCK";
    private static final int FILE_LIMIT = 16 << 20;

    private final boolean secret;
    private final byte[] packets;

    KeyBlock(boolean secret, byte[] packets) {
        this.secret = secret;
        this.packets = packets.clone();
    }

    /**
     * All keys of a file, armored or binary; several may follow each other, as in the key rings of Apptainer.
     *
     * @throws KeyFileException when it holds anything else
     */
    public static List<KeyBlock> read(Path file) throws IOException, KeyFileException {
        if (Files.size(file) > FILE_LIMIT) {
            throw new KeyFileException("key file " + file + " is larger than 16 MiB; leave out keys that nobody needs");
        }
        try {
            return decode(Files.readAllBytes(file));
        } catch (KeyFileException e) {
            throw new KeyFileException("key file " + file + " cannot be used: " + e.getMessage());
        }
    }

    /**
     * All keys of a text or of binary packets.
     *
     * @throws KeyFileException when there is none
     */
    public static List<KeyBlock> decode(byte[] content) throws KeyFileException {
        boolean binary = content.length > 0 && content[0] < 0;
        List<KeyBlock> keys = KeyPackets.split(binary ? content : unarmored(content));
        if (keys.isEmpty()) {
            throw new KeyFileException("it holds no key; export keys with gpg --export");
        }
        return keys;
    }

    private static byte[] unarmored(byte[] text) throws KeyFileException {
        ByteArrayOutputStream packets = new ByteArrayOutputStream();
        try {
            for (Armor.Block block : Armor.decodeAll(text)) {
                if (!block.type().equals(PUBLIC) && !block.type().equals(SECRET)) {
                    throw new KeyFileException("it holds something other than keys; export keys with gpg --export");
                }
                packets.writeBytes(block.content());
            }
        } catch (ArmorException e) {
            throw new KeyFileException("it is damaged (" + e.getMessage() + "); export the keys again");
        }
        return packets.toByteArray();
    }

    /** Whether the secret part is in it. */
    public boolean secret() {
        return secret;
    }

    /** Text form, for key files. */
    public String armored() {
        return Armor.encodeFile(secret ? SECRET : PUBLIC, packets);
    }

    /** The secret key. */
    PgpSecretKey secretKey() throws SecretKeyException {
        return SecretKeys.read(packets);
    }

    /**
     * Facts of the key.
     *
     * @throws KeyFileException when it is damaged, or of a version that signatures of images cannot name
     */
    public KeyFacts facts() throws IOException, KeyFileException {
        Path file = Files.createTempFile("dunnage-key", "");
        try {
            Files.write(file, packets);
            List<KeyFacts> found = secret
                    ? List.of(SecretKeys.read(file).facts())
                    : KeyRing.read(file).keys();
            if (found.size() == 1) {
                return found.get(0);
            }
        } catch (KeyRingException | SecretKeyException e) {
            throw new KeyFileException("a key is damaged or unfit; export it again");
        } finally {
            Files.deleteIfExists(file);
        }
        throw new KeyFileException("a key is not of OpenPGP version 4, which images need; use another key");
    }
}
