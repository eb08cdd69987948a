package dev.dunnage.mpi.elf;

import dev.dunnage.mpi.tree.FileBytes;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;

/**
 * What the loader is told by an ELF file of class 64.
 *
 * @param interpreter the loader that a program asks for
 * @param needed names of libraries, in the order of the file
 * @param soname the name that others know it by
 * @param rpath directories that come before all others; directories that come late, {@code runpath}, switch it off
 * @param noDefaultLibraries whether cache and default directories are not searched for it
 * @param versionNeeds versions that it needs
 * @param versions versions that it offers, without the name of the file itself
 */
public record ElfFile(
        ElfHeader header,
        Optional<String> interpreter,
        List<String> needed,
        Optional<String> soname,
        List<String> rpath,
        List<String> runpath,
        boolean noDefaultLibraries,
        List<VersionNeed> versionNeeds,
        List<String> versions) {

    /** Copies the lists. */
    public ElfFile {
        needed = List.copyOf(needed);
        rpath = List.copyOf(rpath);
        runpath = List.copyOf(runpath);
        versionNeeds = List.copyOf(versionNeeds);
        versions = List.copyOf(versions);
    }

    /** Versions of libraries that it cannot do without. */
    public List<String> demanded() {
        return versionNeeds.stream()
                .filter(need -> !need.weak())
                .map(VersionNeed::version)
                .toList();
    }

    /**
     * Reads it.
     *
     * @throws ElfException when it is none, or damaged
     */
    public static ElfFile read(FileBytes bytes) throws IOException, ElfException {
        return new ElfReader(bytes).file();
    }

    /** All symbols of the dynamic table. */
    public static List<ElfSymbol> symbols(FileBytes bytes) throws IOException, ElfException {
        return symbols(bytes, name -> true);
    }

    /**
     * Symbols of the dynamic table.
     *
     * @param wanted which names are kept
     * @throws ElfException when it is none, or damaged
     */
    public static List<ElfSymbol> symbols(FileBytes bytes, Predicate<String> wanted) throws IOException, ElfException {
        return new SymbolReader(new ElfReader(bytes)).symbols(wanted);
    }

    /**
     * Where in the file its texts are, which is less than the whole: most of a large library is code.
     *
     * @throws ElfException when it is none, or damaged
     */
    public static List<FileRange> data(FileBytes bytes) throws IOException, ElfException {
        return new ElfReader(bytes).data();
    }

    /**
     * The four bytes that a variable starts with, as an unsigned number; empty when the file has no such variable.
     *
     * @throws ElfException when it is none, or damaged
     */
    public static OptionalLong word(FileBytes bytes, String name) throws IOException, ElfException {
        ElfReader reader = new ElfReader(bytes);
        OptionalLong place = new SymbolReader(reader).place(name);
        return place.isEmpty() ? place : OptionalLong.of(reader.in().u32(place.getAsLong()));
    }
}
