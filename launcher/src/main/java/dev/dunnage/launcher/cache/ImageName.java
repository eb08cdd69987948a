package dev.dunnage.launcher.cache;

import dev.dunnage.launcher.reference.ImageReference;
import dev.dunnage.launcher.reference.RegistryReference;
import dev.dunnage.sif.Architecture;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * What an image is looked up by.
 *
 * @param reference canonical; beside a digest a tag says nothing
 */
public record ImageName(String reference, Architecture architecture) {
    /** The name that a reference stands for. */
    public static ImageName of(ImageReference reference, Architecture architecture) {
        ImageReference plain = reference;
        if (reference instanceof RegistryReference named && named.digest().isPresent()) {
            plain = new RegistryReference(
                    named.kind(), named.host(), named.repository(), Optional.empty(), named.digest());
        }
        return new ImageName(plain.toString(), architecture);
    }

    /** As name of a file. */
    String key() {
        try {
            byte[] text = (reference + "\n" + architecture.label()).getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
