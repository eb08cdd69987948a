package dev.dunnage.mpi.elf;

/**
 * A part of a file.
 *
 * @param offset of its first byte
 * @param length in bytes
 */
public record FileRange(long offset, long length) {}
