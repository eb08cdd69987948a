package dev.dunnage.sif.key;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.bcpg.BCPGInputStream;
import org.bouncycastle.bcpg.PacketTags;
import org.bouncycastle.bcpg.SignatureSubpacket;
import org.bouncycastle.bcpg.SignatureSubpacketTags;
import org.bouncycastle.bcpg.sig.IssuerFingerprint;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureSubpacketVector;

/** One OpenPGP signature packet of version 4 over a text (RFC 4880, section 5.2.3). */
public final class SignaturePacket {
    /** Critical subpackets that are understood; any other critical one voids the signature. */
    private static final Set<Integer> UNDERSTOOD = Set.of(
            SignatureSubpacketTags.CREATION_TIME,
            SignatureSubpacketTags.EXPIRE_TIME,
            SignatureSubpacketTags.ISSUER_KEY_ID,
            SignatureSubpacketTags.ISSUER_FINGERPRINT,
            SignatureSubpacketTags.SIGNER_USER_ID);

    private final PGPSignature signature;
    private final Instant created;

    private SignaturePacket(PGPSignature signature, Instant created) {
        this.signature = signature;
        this.created = created;
    }

    /** A packet that is not a signature, or of a form that is not accepted. */
    public static final class MalformedException extends Exception {
        private static final long serialVersionUID = 1L;

        MalformedException(String message) {
            super(message);
        }
    }

    /** Reads the one packet in {@code packets}. */
    public static SignaturePacket parse(byte[] packets) throws MalformedException {
        PGPSignature signature = decode(packets);
        if (signature.getVersion() != 4) {
            throw new MalformedException(
                    "the version of the signature packet is %d, but must be 4".formatted(signature.getVersion()));
        }
        int type = signature.getSignatureType();
        if (type != PGPSignature.CANONICAL_TEXT_DOCUMENT && type != PGPSignature.BINARY_DOCUMENT) {
            throw new MalformedException(
                    "the type of the signature packet is 0x%02x, but must be 0x00 or 0x01, for texts".formatted(type));
        }
        PGPSignatureSubpacketVector hashed = signature.getHashedSubPackets();
        for (SignatureSubpacket each : hashed.toArray()) {
            if (each.isCritical() && !UNDERSTOOD.contains(each.getType())) {
                throw new MalformedException(
                        "a critical part of the signature packet has the type %d, but must have one that is known"
                                .formatted(each.getType()));
            }
        }
        if (!hashed.hasSubpacket(SignatureSubpacketTags.CREATION_TIME)) {
            throw new MalformedException("the creation time of the signature packet is absent, but must be there");
        }
        return new SignaturePacket(signature, hashed.getSignatureCreationTime().toInstant());
    }

    private static PGPSignature decode(byte[] packets) throws MalformedException {
        try (BCPGInputStream in = new BCPGInputStream(new ByteArrayInputStream(packets))) {
            int tag = in.nextPacketTag();
            if (tag != PacketTags.SIGNATURE) {
                throw new MalformedException("the packet in the armor has the tag %d, but must have %d, for a signature"
                        .formatted(tag, PacketTags.SIGNATURE));
            }
            PGPSignature signature = new PGPSignature(in);
            if (in.nextPacketTag() != -1) {
                throw new MalformedException("the number of packets in the armor is 2 or more, but must be 1");
            }
            return signature;
        } catch (IOException | PGPException | RuntimeException e) {
            throw new MalformedException(
                    "the signature packet of %d bytes is damaged, but must be complete and of a known form"
                            .formatted(packets.length));
        }
    }

    /** When the signature says it was made. */
    public Instant created() {
        return created;
    }

    /** End of the signature's own validity. */
    Optional<Instant> expires() {
        long seconds = signature.getHashedSubPackets().getSignatureExpirationTime();
        return seconds > 0 ? Optional.of(created.plusSeconds(seconds)) : Optional.empty();
    }

    /** Name of the hash, empty when it is too weak or unknown. */
    Optional<String> hash() {
        return Algorithms.hash(signature.getHashAlgorithm());
    }

    /** Whether the packet says that this key made it; a packet that names no key fits every one. */
    boolean mayBeBy(long keyId, byte[] fingerprint) {
        IssuerFingerprint issuer = signature.getHashedSubPackets().getIssuerFingerprint();
        if (issuer != null && !java.util.Arrays.equals(issuer.getFingerprint(), fingerprint)) {
            return false;
        }
        return signature.getKeyID() == 0 || signature.getKeyID() == keyId;
    }

    /** Key id that the packet names, for messages. */
    String issuer() {
        return HexFormat.of().toHexDigits(signature.getKeyID()).toUpperCase(Locale.ROOT);
    }

    PGPSignature signature() {
        return signature;
    }
}
