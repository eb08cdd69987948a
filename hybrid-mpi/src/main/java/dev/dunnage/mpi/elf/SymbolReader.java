package dev.dunnage.mpi.elf;

import java.io.IOException;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;

/** The dynamic table of symbols. The loader needs no length of it, so the length is looked for in three places. */
final class SymbolReader {
    private static final int SYMBOL_BYTES = 24;
    private static final int MAX_SYMBOLS = 1 << 20;
    private static final int SECTION_BYTES = 64;
    private static final int SECTION_DYNSYM = 11;
    private static final int BIND_LOCAL = 0;
    private static final int BIND_WEAK = 2;

    private final ElfReader elf;
    private final Window in;
    private final VersionReader versions;

    SymbolReader(ElfReader elf) throws IOException, ElfException {
        this.elf = elf;
        this.in = elf.in();
        this.versions = new VersionReader(elf);
    }

    List<ElfSymbol> symbols(Predicate<String> wanted) throws IOException, ElfException {
        Optional<Long> table = elf.value(ElfReader.TAG_SYMTAB);
        if (table.isEmpty()) {
            return List.of();
        }
        long start = elf.offset(table.get());
        long count = count(table.get());
        if (count > MAX_SYMBOLS) {
            throw new ElfException(count + " symbols, more than " + MAX_SYMBOLS);
        }
        in.check(start, count * SYMBOL_BYTES, "the table of symbols");
        Optional<Long> versym = elf.value(ElfReader.TAG_VERSYM);
        byte[] indices = versym.isEmpty()
                ? new byte[0]
                : in.bytes(elf.offset(versym.get()), count * 2, "the table of symbol versions");
        List<ElfSymbol> symbols = new ArrayList<>();
        for (int at = 1; at < count; at++) {
            symbol(start + (long) at * SYMBOL_BYTES, at, indices)
                    .filter(symbol -> wanted.test(symbol.name()))
                    .ifPresent(symbols::add);
        }
        return symbols;
    }

    /** Where in the file a variable of this name has its first value. */
    OptionalLong place(String name) throws IOException, ElfException {
        Optional<Long> table = elf.value(ElfReader.TAG_SYMTAB);
        if (table.isEmpty()) {
            return OptionalLong.empty();
        }
        long start = elf.offset(table.get());
        long count = Math.min(count(table.get()), MAX_SYMBOLS);
        in.check(start, count * SYMBOL_BYTES, "the table of symbols");
        for (long at = start + SYMBOL_BYTES; at < start + count * SYMBOL_BYTES; at += SYMBOL_BYTES) {
            if (in.u16(at + 6) != 0 && in.u32(at) != 0 && elf.text(in.u32(at)).equals(name)) {
                return OptionalLong.of(elf.offset(in.u64(at + 8)));
            }
        }
        return OptionalLong.empty();
    }

    private Optional<ElfSymbol> symbol(long at, int number, byte[] indices) throws IOException, ElfException {
        int bind = in.u8(at + 4) >> 4;
        long name = in.u32(at);
        if (bind == BIND_LOCAL || name == 0) {
            return Optional.empty();
        }
        Optional<String> version = indices.length == 0 ? Optional.empty() : versions.ofIndex(index(indices, number));
        return Optional.of(new ElfSymbol(elf.text(name), version, in.u16(at + 6) != 0, bind == BIND_WEAK));
    }

    private int index(byte[] indices, int number) {
        int first = Byte.toUnsignedInt(indices[number * 2]);
        int second = Byte.toUnsignedInt(indices[number * 2 + 1]);
        return in.order() == ByteOrder.LITTLE_ENDIAN ? second << 8 | first : first << 8 | second;
    }

    private long count(long address) throws IOException, ElfException {
        Optional<Long> byHash = elf.value(ElfReader.TAG_HASH);
        if (byHash.isPresent()) {
            return in.u32(elf.offset(byHash.get()) + 4);
        }
        Optional<Long> bySection = bySection(address);
        if (bySection.isPresent()) {
            return bySection.get();
        }
        Optional<Long> gnu = elf.value(ElfReader.TAG_GNU_HASH);
        return gnu.isPresent() ? byGnuHash(elf.offset(gnu.get())) : 0;
    }

    private Optional<Long> bySection(long address) throws IOException, ElfException {
        long table = in.u64(40);
        int count = in.u16(60);
        if (in.u16(58) != SECTION_BYTES || table <= 0 || table > in.size() - (long) count * SECTION_BYTES) {
            return Optional.empty();
        }
        for (long at = table; at < table + (long) count * SECTION_BYTES; at += SECTION_BYTES) {
            if (in.u32(at + 4) == SECTION_DYNSYM && in.u64(at + 16) == address) {
                return Optional.of(Math.max(0, in.u64(at + 32)) / SYMBOL_BYTES);
            }
        }
        return Optional.empty();
    }

    /** The last symbol of the fullest chain. */
    private long byGnuHash(long table) throws IOException, ElfException {
        long buckets = in.u32(table);
        long first = in.u32(table + 4);
        long words = in.u32(table + 8);
        long chains = table + 16 + words * 8 + buckets * 4;
        in.check(table, chains - table, "the hash table");
        if (buckets > MAX_SYMBOLS) {
            throw new ElfException("a hash table of " + buckets + " chains");
        }
        long last = 0;
        for (long bucket = 0; bucket < buckets; bucket++) {
            last = Math.max(last, in.u32(table + 16 + words * 8 + bucket * 4));
        }
        if (last < first) {
            return first;
        }
        while ((in.u32(chains + (last - first) * 4) & 1) == 0) {
            if (++last > MAX_SYMBOLS) {
                throw new ElfException("a hash chain that does not end");
            }
        }
        return last + 1;
    }
}
