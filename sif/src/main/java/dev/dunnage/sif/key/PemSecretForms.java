package dev.dunnage.sif.key;

import dev.dunnage.sif.armor.Pem;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.RSAPrivateKey;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.params.RSAKeyParameters;
import org.bouncycastle.crypto.params.RSAPrivateCrtKeyParameters;
import org.bouncycastle.crypto.util.PrivateKeyFactory;
import org.bouncycastle.crypto.util.SubjectPublicKeyInfoFactory;

/** The encodings that secret keys have in PEM files, brought to one: RFC 5958 (PKCS#8), RFC 8017 A.1.2, RFC 5915. */
final class PemSecretForms {
    static final String PROTECTED = "ENCRYPTED PRIVATE KEY";

    private PemSecretForms() {}

    record Pair(PrivateKey privateKey, PublicKey publicKey) {}

    static Pair decode(Pem.Block block, char[] passphrase) throws SecretKeyException {
        byte[] encoded = pkcs8(block, passphrase);
        try {
            AsymmetricKeyParameter parameters = PrivateKeyFactory.createKey(encoded);
            String family = family(parameters);
            byte[] publicPart = SubjectPublicKeyInfoFactory.createSubjectPublicKeyInfo(publicPart(parameters))
                    .getEncoded();
            KeyFactory factory = KeyFactory.getInstance(family);
            return new Pair(
                    factory.generatePrivate(new PKCS8EncodedKeySpec(encoded)),
                    factory.generatePublic(new X509EncodedKeySpec(publicPart)));
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            throw new SecretKeyException("it holds no RSA, ECDSA or Ed25519 key, or a damaged one", e);
        }
    }

    private static byte[] pkcs8(Pem.Block block, char[] passphrase) throws SecretKeyException {
        try {
            return switch (block.type()) {
                case "PRIVATE KEY" -> block.content();
                case PROTECTED -> unlock(block.content(), passphrase);
                case "RSA PRIVATE KEY" -> fromRsa(block.content());
                case "EC PRIVATE KEY" -> fromSec1(block.content());
                default ->
                    throw new SecretKeyException(
                            "it holds a %s instead of a secret key, give the secret key".formatted(block.type()));
            };
        } catch (IOException | RuntimeException e) {
            throw new SecretKeyException("the secret key in it is damaged, export it again", e);
        }
    }

    private static byte[] fromRsa(byte[] content) throws IOException {
        AlgorithmIdentifier rsa = new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE);
        return new PrivateKeyInfo(rsa, RSAPrivateKey.getInstance(content)).getEncoded();
    }

    private static byte[] fromSec1(byte[] content) throws IOException {
        ECPrivateKey key = ECPrivateKey.getInstance(content);
        AlgorithmIdentifier curve =
                new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, key.getParametersObject());
        return new PrivateKeyInfo(curve, key).getEncoded();
    }

    private static byte[] unlock(byte[] content, char[] passphrase) throws SecretKeyException, IOException {
        EncryptedPrivateKeyInfo info = new EncryptedPrivateKeyInfo(content);
        PBEKeySpec secret = new PBEKeySpec(passphrase);
        try {
            // For PBES2 the name of the algorithm is told by its parameters only.
            String algorithm = info.getAlgParameters().toString();
            Cipher cipher = Cipher.getInstance(algorithm);
            cipher.init(
                    Cipher.DECRYPT_MODE,
                    SecretKeyFactory.getInstance(algorithm).generateSecret(secret),
                    info.getAlgParameters());
            return info.getKeySpec(cipher).getEncoded();
        } catch (GeneralSecurityException | RuntimeException e) {
            throw new SecretKeyException("the passphrase does not open the secret key, give the right one", e);
        } finally {
            secret.clearPassword();
        }
    }

    private static String family(AsymmetricKeyParameter key) {
        if (key instanceof RSAPrivateCrtKeyParameters) {
            return "RSA";
        }
        return key instanceof ECPrivateKeyParameters ? "EC" : "Ed25519";
    }

    private static AsymmetricKeyParameter publicPart(AsymmetricKeyParameter key) {
        if (key instanceof RSAPrivateCrtKeyParameters rsa) {
            return new RSAKeyParameters(false, rsa.getModulus(), rsa.getPublicExponent());
        }
        if (key instanceof ECPrivateKeyParameters ec) {
            return new ECPublicKeyParameters(ec.getParameters().getG().multiply(ec.getD()), ec.getParameters());
        }
        return ((Ed25519PrivateKeyParameters) key).generatePublicKey();
    }
}
