package dev.dunnage.sif.write;

import dev.dunnage.sif.Architecture;
import dev.dunnage.sif.DataType;
import dev.dunnage.sif.FileSystemKind;
import dev.dunnage.sif.HashKind;
import dev.dunnage.sif.MessageFormat;
import dev.dunnage.sif.MessageKind;
import dev.dunnage.sif.PartitionKind;
import dev.dunnage.sif.SbomFormat;
import dev.dunnage.sif.SifEncoder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** What the descriptor of a new object says about it besides the common fields. */
public sealed interface ObjectMetadata {
    /** Nothing: definition files, environments, labels and generic objects. */
    record None() implements ObjectMetadata {}

    /** Facts of a partition; none of them may be UNKNOWN. */
    record Partition(FileSystemKind fileSystem, PartitionKind kind, Architecture architecture)
            implements ObjectMetadata {}

    /**
     * Facts of a signature.
     *
     * @param fingerprint 40 hex digits of the signer's primary PGP key; zeros when there is none
     */
    record Signature(HashKind hash, String fingerprint) implements ObjectMetadata {}

    /** Facts of a cryptographic message; UNKNOWN leaves them open. */
    record Message(MessageFormat format, MessageKind kind) implements ObjectMetadata {}

    /** Format of a bill of materials; not UNKNOWN. */
    record Sbom(SbomFormat format) implements ObjectMetadata {}

    /**
     * Digest of an OCI object's content.
     *
     * @param digest {@code sha256:} and 64 lower-case hex digits
     */
    record Oci(String digest) implements ObjectMetadata {
        private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");
    }

    /** Refuses what does not fit the type, or what no reader would accept. */
    default void check(DataType type) throws SifWriteException {
        boolean fits = switch (type) {
            case PARTITION -> this instanceof Partition;
            case SIGNATURE -> this instanceof Signature;
            case CRYPTO_MESSAGE -> this instanceof Message;
            case SBOM -> this instanceof Sbom;
            case OCI_BLOB, OCI_ROOT_INDEX -> this instanceof Oci;
            default -> this instanceof None;
        };
        if (!fits) {
            throw new SifWriteException(
                    "an object of type %s needs other facts than the ones given, name them".formatted(type.label()));
        }
        if (!isComplete()) {
            throw new SifWriteException("a fact of the new object of type %s is unknown or malformed, name a known one"
                    .formatted(type.label()));
        }
    }

    private boolean isComplete() {
        if (this instanceof Partition p) {
            return p.fileSystem() != FileSystemKind.UNKNOWN
                    && p.kind() != PartitionKind.UNKNOWN
                    && p.architecture() != Architecture.UNKNOWN;
        }
        if (this instanceof Signature s) {
            return s.hash() != HashKind.UNKNOWN && s.fingerprint().matches("[0-9A-Fa-f]{40}");
        }
        if (this instanceof Sbom s) {
            return s.format() != SbomFormat.UNKNOWN;
        }
        return !(this instanceof Oci oci) || Oci.DIGEST.matcher(oci.digest()).matches();
    }

    /** The extra part of the descriptor. */
    default byte[] encoded() {
        if (this instanceof Partition p) {
            return SifEncoder.partition(p.fileSystem(), p.kind(), p.architecture());
        }
        if (this instanceof Signature s) {
            return SifEncoder.signature(s.hash(), s.fingerprint());
        }
        if (this instanceof Message m) {
            return SifEncoder.message(m.format(), m.kind());
        }
        if (this instanceof Sbom s) {
            return SifEncoder.sbom(s.format());
        }
        return this instanceof Oci oci ? oci.digest().getBytes(StandardCharsets.US_ASCII) : new byte[0];
    }
}
