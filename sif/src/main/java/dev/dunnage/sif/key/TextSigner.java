package dev.dunnage.sif.key;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.bcpg.BCPGOutputStream;
import org.bouncycastle.bcpg.PacketFormat;
import org.bouncycastle.bcpg.sig.NotationData;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPPrivateKey;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureGenerator;
import org.bouncycastle.openpgp.PGPSignatureSubpacketGenerator;
import org.bouncycastle.openpgp.operator.bc.BcPGPContentSignerBuilder;

/** Makes signatures over texts, with the parts and the order of parts that Apptainer writes. */
final class TextSigner {
    private static final String SALT = "salt@notations.openpgpjs.org";
    private static final int SALT_SIZE = 16;

    private final PGPPublicKey publicKey;
    private final PGPPrivateKey key;

    TextSigner(PGPPublicKey publicKey, PGPPrivateKey key) {
        this.publicKey = publicKey;
        this.key = key;
    }

    byte[] sign(byte[] canonical, Instant now) throws IOException, PGPException {
        int hash = Algorithms.signingHash(publicKey);
        PGPSignatureGenerator generator =
                new PGPSignatureGenerator(new BcPGPContentSignerBuilder(publicKey.getAlgorithm(), hash), publicKey);
        generator.init(PGPSignature.CANONICAL_TEXT_DOCUMENT, key);
        PGPSignatureSubpacketGenerator hashed = new PGPSignatureSubpacketGenerator();
        hashed.setSignatureCreationTime(true, Date.from(now));
        hashed.setIssuerKeyID(false, publicKey.getKeyID());
        hashed.addCustomSubpacket(salt());
        hashed.setIssuerFingerprint(false, publicKey);
        generator.setHashedSubpackets(hashed.generate());
        generator.update(canonical);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        generator.generate().encode(new BCPGOutputStream(out, PacketFormat.CURRENT));
        return out.toByteArray();
    }

    /** Random bytes ahead of the signed text make chosen-prefix collisions of the hash useless. */
    private static NotationData salt() {
        byte[] salt = new byte[SALT_SIZE];
        new SecureRandom().nextBytes(salt);
        byte[] name = SALT.getBytes(StandardCharsets.US_ASCII);
        byte[] content = ByteBuffer.allocate(8 + name.length + SALT_SIZE)
                .putInt(0)
                .putShort((short) name.length)
                .putShort((short) SALT_SIZE)
                .put(name)
                .put(salt)
                .array();
        return new NotationData(false, false, content);
    }
}
