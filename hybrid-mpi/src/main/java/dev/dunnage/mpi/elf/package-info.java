/**
 * Reads what the dynamic loader reads of an ELF file. The file may be anybody's: every offset, length and count is checked
 * before it is used, and nothing is allocated by a number of the file alone.
 */
@NullMarked
package dev.dunnage.mpi.elf;

import org.jspecify.annotations.NullMarked;
