package dev.dunnage.mpi.ld;

import dev.dunnage.mpi.elf.ElfFile;
import java.util.Optional;

/**
 * A library that the loader would load.
 *
 * @param name as it is asked for
 * @param found the file; empty when there is none
 */
public record Library(String name, Optional<Found> found) {

    /**
     * A file that fits.
     *
     * @param path where the loader finds it, links in it not followed
     * @param real the same without links
     */
    public record Found(String path, String real, ElfFile elf) {}
}
