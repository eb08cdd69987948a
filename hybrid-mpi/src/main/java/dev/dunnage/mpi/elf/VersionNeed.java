package dev.dunnage.mpi.elf;

/**
 * A version that a file needs of a library.
 *
 * @param library such as {@code libc.so.6}
 * @param version such as {@code GLIBC_2.34}
 * @param weak whether its absence is no error
 */
public record VersionNeed(String library, String version, boolean weak) {}
