/** Tests of the reader of ELF files. */
@NullMarked
package dev.dunnage.mpi.elf;

import org.jspecify.annotations.NullMarked;
