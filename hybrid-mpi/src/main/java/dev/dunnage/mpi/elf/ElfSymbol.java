package dev.dunnage.mpi.elf;

import java.util.Optional;

/**
 * A symbol that the loader looks for or offers.
 *
 * @param version such as {@code GLIBC_2.34}
 * @param defined whether the file has it; else it needs it
 * @param weak whether the file can do without
 */
public record ElfSymbol(String name, Optional<String> version, boolean defined, boolean weak) {}
