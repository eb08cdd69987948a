package dev.dunnage.launcher.cli;

import dev.dunnage.sif.Architecture;
import dev.dunnage.sif.DataType;
import dev.dunnage.sif.FileSystemKind;
import dev.dunnage.sif.HashKind;
import dev.dunnage.sif.MessageFormat;
import dev.dunnage.sif.MessageKind;
import dev.dunnage.sif.PartitionKind;
import dev.dunnage.sif.SbomFormat;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Words for what an object of an image can be. */
final class ObjectChoices {
    /** Other tools count types from 1. */
    private static final int FIRST_TYPE = 0x4000;

    static final Choice<DataType> TYPE = Choice.of(
            "--type",
            List.of(
                    "deffile",
                    "environment",
                    "labels",
                    "partition",
                    "signature",
                    "json",
                    "generic",
                    "message",
                    "sbom",
                    "oci-index",
                    "oci-blob"),
            List.of(
                    DataType.DEFINITION_FILE,
                    DataType.ENVIRONMENT,
                    DataType.LABELS,
                    DataType.PARTITION,
                    DataType.SIGNATURE,
                    DataType.GENERIC_JSON,
                    DataType.GENERIC,
                    DataType.CRYPTO_MESSAGE,
                    DataType.SBOM,
                    DataType.OCI_ROOT_INDEX,
                    DataType.OCI_BLOB),
            type -> type.code() - FIRST_TYPE);

    static final Choice<FileSystemKind> FILE_SYSTEM = Choice.of(
            "--filesystem",
            List.of("squashfs", "ext3", "archive", "raw", "encrypted-squashfs", "gocryptfs-squashfs"),
            List.of(
                    FileSystemKind.SQUASHFS,
                    FileSystemKind.EXT3,
                    FileSystemKind.ARCHIVE,
                    FileSystemKind.RAW,
                    FileSystemKind.ENCRYPTED_SQUASHFS,
                    FileSystemKind.GOCRYPTFS_SQUASHFS),
            FileSystemKind::code);

    static final Choice<PartitionKind> PARTITION = Choice.of(
            "--partition",
            List.of("system", "primary", "data", "overlay"),
            List.of(PartitionKind.SYSTEM, PartitionKind.PRIMARY_SYSTEM, PartitionKind.DATA, PartitionKind.OVERLAY),
            PartitionKind::code);

    static final Choice<Architecture> ARCHITECTURE = Choice.of(
            "--arch",
            known(Architecture.values()).map(Architecture::label).toList(),
            known(Architecture.values()).toList(),
            each -> Integer.parseInt(each.code()));

    static final Choice<HashKind> HASH = Choice.of(
            "--hash",
            List.of("sha256", "sha384", "sha512", "blake2s", "blake2b"),
            List.of(HashKind.SHA256, HashKind.SHA384, HashKind.SHA512, HashKind.BLAKE2S_256, HashKind.BLAKE2B_256),
            HashKind::code);

    static final Choice<SbomFormat> SBOM = Choice.of(
            "--format",
            known(SbomFormat.values()).map(SbomFormat::label).toList(),
            known(SbomFormat.values()).toList(),
            SbomFormat::code);

    static final Choice<MessageFormat> MESSAGE_FORMAT = Choice.of(
            "--format",
            List.of("openpgp", "pem"),
            List.of(MessageFormat.OPENPGP, MessageFormat.PEM),
            MessageFormat::code);

    static final Choice<MessageKind> MESSAGE = Choice.of(
            "--message",
            List.of("clear-signature", "rsa-oaep"),
            List.of(MessageKind.CLEAR_SIGNATURE, MessageKind.RSA_OAEP),
            MessageKind::code);

    private ObjectChoices() {}

    private static <E extends Enum<E>> Stream<E> known(E[] values) {
        return Arrays.stream(values).filter(each -> !each.name().equals("UNKNOWN"));
    }
}
