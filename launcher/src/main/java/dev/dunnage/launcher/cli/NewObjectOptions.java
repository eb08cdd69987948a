package dev.dunnage.launcher.cli;

import dev.dunnage.sif.Architecture;
import dev.dunnage.sif.DataType;
import dev.dunnage.sif.HashKind;
import dev.dunnage.sif.Link;
import dev.dunnage.sif.MessageFormat;
import dev.dunnage.sif.MessageKind;
import dev.dunnage.sif.write.NewObject;
import dev.dunnage.sif.write.ObjectMetadata;
import dev.dunnage.sif.write.ObjectSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What an object that is added to an image shall be. */
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class NewObjectOptions {
    private static final String NO_SIGNER = "0".repeat(40);
    private static final int BUFFER = 1 << 16;

    @Option(
            names = {"--type", "--datatype"},
            paramLabel = "TYPE",
            description =
                    "Needed with DATA: deffile, environment, labels, partition, signature, json, generic, message, sbom, oci-index"
                            + " or oci-blob.")
    private Optional<String> type = Optional.empty();

    @Option(
            names = {"--filesystem", "--partfs"},
            paramLabel = "NAME",
            description = "File system of a partition: squashfs, ext3, archive, raw, encrypted-squashfs or"
                    + " gocryptfs-squashfs; default ${DEFAULT-VALUE}.",
            defaultValue = "squashfs")
    private String fileSystem;

    @Option(
            names = {"--partition", "--parttype"},
            paramLabel = "KIND",
            description = "Role of a partition: system, primary, data or overlay; default ${DEFAULT-VALUE}.",
            defaultValue = "system")
    private String partition;

    @Option(
            names = {"--arch", "--partarch"},
            paramLabel = "NAME",
            description = "Architecture of a partition, such as amd64 or arm64; default: this machine's.")
    private Optional<String> architecture = Optional.empty();

    @Option(
            names = {"--hash", "--signhash"},
            paramLabel = "NAME",
            description = "Hash of a signature: sha256, sha384, sha512, blake2s or blake2b; default ${DEFAULT-VALUE}.",
            defaultValue = "sha256")
    private String hash;

    @Option(
            names = {"--fingerprint", "--signentity"},
            paramLabel = "FINGERPRINT",
            description = "Signer of a signature, 40 hexadecimal digits; default: none named.")
    private Optional<String> fingerprint = Optional.empty();

    @Option(
            names = "--format",
            paramLabel = "NAME",
            description = "Format of a message, openpgp or pem, or of an sbom, such as spdx-json or cyclonedx-json.")
    private Optional<String> format = Optional.empty();

    @Option(names = "--message", paramLabel = "KIND", description = "Kind of a message: clear-signature or rsa-oaep.")
    private Optional<String> message = Optional.empty();

    @Option(
            names = {"--group-id", "--groupid"},
            paramLabel = "N",
            description = "Object group, default ${DEFAULT-VALUE}; 0 for none. An image with an object outside of all"
                    + " groups never verifies.",
            defaultValue = "1")
    private long group;

    @Option(names = "--link", paramLabel = "ID", description = "Link to the object with this number.")
    private Optional<Long> link = Optional.empty();

    @Option(names = "--link-group", paramLabel = "N", description = "Link to this object group.")
    private Optional<Long> linkGroup = Optional.empty();

    @Option(
            names = {"--align", "--alignment"},
            paramLabel = "BYTES",
            description =
                    "Start at a multiple of so many bytes, a power of two; default 4096 for partitions, else none.")
    private Optional<Integer> alignment = Optional.empty();

    @Option(
            names = {"--name", "--filename"},
            paramLabel = "NAME",
            description = "Name of the object; default: that of the data file.")
    private Optional<String> name = Optional.empty();

    NewObject object(Path data) throws IOException, CommandFailure {
        if (!Files.isRegularFile(data)) {
            throw new CommandFailure(2, "data file " + data + " is not there or not a regular file; check the path");
        }
        DataType kind = ObjectChoices.TYPE.parse(
                type.orElseThrow(() -> new CommandFailure(2, "Missing required option: '--type=TYPE'")));
        NewObject object = NewObject.of(kind, ObjectSource.of(data), metadata(kind, data))
                .inGroup(group)
                .named(name.orElseGet(() -> data.getFileName().toString()))
                .linkedTo(link());
        return alignment.isPresent() ? object.aligned(alignment.get()) : object;
    }

    private Link link() throws CommandFailure {
        if (link.isPresent() && linkGroup.isPresent()) {
            throw new CommandFailure(2, "--link and --link-group exclude each other; give one of them");
        }
        if (linkGroup.isPresent()) {
            return new Link.ToGroup(linkGroup.get());
        }
        return link.isPresent() ? new Link.ToObject(link.get()) : new Link.None();
    }

    private ObjectMetadata metadata(DataType kind, Path data) throws IOException, CommandFailure {
        return switch (kind) {
            case PARTITION ->
                new ObjectMetadata.Partition(
                        ObjectChoices.FILE_SYSTEM.parse(fileSystem), ObjectChoices.PARTITION.parse(partition), arch());
            case SIGNATURE -> new ObjectMetadata.Signature(hashKind(), signer());
            case CRYPTO_MESSAGE -> new ObjectMetadata.Message(messageFormat(), messageKind());
            case SBOM -> new ObjectMetadata.Sbom(ObjectChoices.SBOM.parse(wanted("--format", format)));
            case OCI_BLOB, OCI_ROOT_INDEX -> new ObjectMetadata.Oci("sha256:" + sha256(data));
            default -> new ObjectMetadata.None();
        };
    }

    private Architecture arch() throws CommandFailure {
        if (architecture.isEmpty()) {
            return Architecture.host();
        }
        Optional<Architecture> named = Architecture.named(architecture.get());
        return named.isPresent() ? named.get() : ObjectChoices.ARCHITECTURE.parse(architecture.get());
    }

    private HashKind hashKind() throws CommandFailure {
        return ObjectChoices.HASH.parse(hash);
    }

    private String signer() throws CommandFailure {
        return fingerprint.isPresent() ? KeyText.fingerprint(fingerprint.get()) : NO_SIGNER;
    }

    private MessageFormat messageFormat() throws CommandFailure {
        return format.isPresent() ? ObjectChoices.MESSAGE_FORMAT.parse(format.get()) : MessageFormat.UNKNOWN;
    }

    private MessageKind messageKind() throws CommandFailure {
        return message.isPresent() ? ObjectChoices.MESSAGE.parse(message.get()) : MessageKind.UNKNOWN;
    }

    private static String wanted(String option, Optional<String> value) throws CommandFailure {
        return value.orElseThrow(() -> new CommandFailure(2, "an object of this type wants " + option));
    }

    private static String sha256(Path data) throws IOException {
        try (InputStream in = Files.newInputStream(data)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[BUFFER];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                digest.update(buffer, 0, count);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
