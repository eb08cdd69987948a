package dev.dunnage.sif;

import java.util.Optional;

/**
 * How a partition is encrypted, and what opens it. Signatures cover the encrypted bytes, so verification needs none of
 * this.
 *
 * @param keyObject the object that holds the key, wrapped for the owner of an RSA key; empty when a passphrase opens the
 *     partition
 */
public record Encryption(Kind kind, Optional<SifObject> keyObject) {
    /** What the partition holds. */
    public enum Kind {
        /** A LUKS2 container with a squashfs inside; needs the kernel's device mapper and root. */
        LUKS2("LUKS2"),
        /** A squashfs with a gocryptfs directory, in which is another squashfs; opened in user space. */
        GOCRYPTFS("gocryptfs");

        private final String label;

        Kind(String label) {
            this.label = label;
        }

        /** The usual name. */
        public String label() {
            return label;
        }
    }

    /** The encryption of a partition; empty when it has none. */
    public static Optional<Encryption> of(SifImage image, SifObject partition) {
        return partition
                .partition()
                .flatMap(info -> switch (info.fileSystem()) {
                    case ENCRYPTED_SQUASHFS -> Optional.of(Kind.LUKS2);
                    case GOCRYPTFS_SQUASHFS -> Optional.of(Kind.GOCRYPTFS);
                    default -> Optional.<Kind>empty();
                })
                .map(kind -> new Encryption(kind, keyObject(image, partition)));
    }

    private static Optional<SifObject> keyObject(SifImage image, SifObject partition) {
        return image.objects().stream()
                .filter(object -> object.link().equals(new Link.ToObject(partition.id())))
                .filter(object -> object.message()
                        .filter(m -> m.format() == MessageFormat.PEM && m.kind() == MessageKind.RSA_OAEP)
                        .isPresent())
                .findFirst();
    }

    /** Whether an RSA key in a PEM file opens the partition, and not a passphrase. */
    public boolean needsRsaKey() {
        return keyObject.isPresent();
    }

    /** What is needed to open the partition, for messages. */
    public String needs() {
        String secret = keyObject
                .map(object -> "the RSA key in PEM form that object %d is wrapped for".formatted(object.id()))
                .orElse("the passphrase that it was built with");
        String means = kind == Kind.LUKS2 ? "a kernel with dm-crypt, used by root" : "the program gocryptfs";
        return "%s and %s".formatted(secret, means);
    }
}
