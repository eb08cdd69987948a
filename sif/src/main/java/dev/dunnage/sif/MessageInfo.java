package dev.dunnage.sif;

/**
 * Extra facts of a cryptographic message object.
 *
 * @param formatCode number of the format, for formats that are not known here
 * @param kindCode number of the kind, for kinds that are not known here
 */
public record MessageInfo(MessageFormat format, MessageKind kind, int formatCode, int kindCode) {}
