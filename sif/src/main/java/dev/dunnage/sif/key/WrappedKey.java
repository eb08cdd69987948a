package dev.dunnage.sif.key;

import dev.dunnage.sif.armor.Pem;
import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.interfaces.RSAPrivateKey;
import java.security.spec.MGF1ParameterSpec;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import org.bouncycastle.asn1.ASN1OctetString;

/** The key of an encrypted image, wrapped for the owner of an RSA key: RSA-OAEP blocks in a PEM block. */
public final class WrappedKey {
    private static final String TYPE = "MESSAGE";
    private static final int MAX_BLOCKS = 16;
    private static final OAEPParameterSpec OAEP =
            new OAEPParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, PSource.PSpecified.DEFAULT);

    private WrappedKey() {}

    /**
     * Unwraps the content of a key object.
     *
     * @return the secret: the passphrase as text for gocryptfs, random bytes for LUKS; the caller clears it
     * @throws SecretKeyException when the object is damaged, or the key is not the one that it was wrapped for
     */
    public static byte[] unwrap(byte[] content, PemSecretKey key) throws SecretKeyException {
        if (!(key.secret() instanceof RSAPrivateKey rsa)) {
            throw new SecretKeyException("the image was encrypted for an RSA key, not for one of type "
                    + key.facts().algorithm());
        }
        byte[] blocks = blocks(content);
        int size = (rsa.getModulus().bitLength() + 7) / 8;
        if (blocks.length == 0 || blocks.length % size != 0 || blocks.length / size > MAX_BLOCKS) {
            throw new SecretKeyException(
                    "the image was encrypted for an RSA key of another length, give the right one");
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPPadding");
            cipher.init(Cipher.DECRYPT_MODE, rsa, OAEP);
            for (int at = 0; at < blocks.length; at += size) {
                out.writeBytes(cipher.doFinal(blocks, at, size));
            }
        } catch (GeneralSecurityException | RuntimeException e) {
            throw new SecretKeyException("the image was encrypted for another RSA key, give the right one", e);
        }
        return out.toByteArray();
    }

    private static byte[] blocks(byte[] content) throws SecretKeyException {
        List<byte[]> messages = Pem.decode(content, TYPE);
        try {
            if (messages.size() == 1) {
                return ASN1OctetString.getInstance(messages.get(0)).getOctets();
            }
        } catch (RuntimeException e) {
            throw new SecretKeyException("the key object of the image is damaged, get the original image", e);
        }
        throw new SecretKeyException("the key object of the image holds no wrapped key, get the original image");
    }
}
