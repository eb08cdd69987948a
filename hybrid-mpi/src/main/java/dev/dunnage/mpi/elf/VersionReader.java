package dev.dunnage.mpi.elf;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Versions of symbols that a file needs and offers. */
final class VersionReader {
    private static final int MAX_VERSIONS = 1 << 16;
    private static final int FLAG_BASE = 1;
    private static final int FLAG_WEAK = 2;

    private final List<VersionNeed> needs = new ArrayList<>();
    private final List<String> definitions = new ArrayList<>();
    private final Map<Integer, String> byIndex = new HashMap<>();
    private final ElfReader elf;

    VersionReader(ElfReader elf) throws IOException, ElfException {
        this.elf = elf;
        readNeeds();
        readDefinitions();
    }

    List<VersionNeed> needs() {
        return needs;
    }

    List<String> definitions() {
        return definitions;
    }

    /** The version that a symbol's number means. */
    Optional<String> ofIndex(int index) {
        return Optional.ofNullable(byIndex.get(index & 0x7fff));
    }

    private void readNeeds() throws IOException, ElfException {
        Optional<Long> table = elf.value(ElfReader.TAG_VERNEED);
        long files = elf.value(ElfReader.TAG_VERNEEDNUM).orElse(0L);
        if (table.isEmpty() || files <= 0) {
            return;
        }
        Window in = elf.in();
        long at = elf.offset(table.get());
        for (long file = 0; file < Math.min(files, MAX_VERSIONS); file++) {
            String library = elf.text(in.u32(at + 4));
            long entry = at + in.u32(at + 8);
            int count = in.u16(at + 2);
            for (int i = 0; i < count; i++) {
                checkCount();
                String version = elf.text(in.u32(entry + 8));
                needs.add(new VersionNeed(library, version, (in.u16(entry + 4) & FLAG_WEAK) != 0));
                byIndex.put(in.u16(entry + 6) & 0x7fff, version);
                long next = in.u32(entry + 12);
                if (next == 0) {
                    break;
                }
                entry += next;
            }
            long next = in.u32(at + 12);
            if (next == 0) {
                return;
            }
            at += next;
        }
    }

    private void readDefinitions() throws IOException, ElfException {
        Optional<Long> table = elf.value(ElfReader.TAG_VERDEF);
        long count = elf.value(ElfReader.TAG_VERDEFNUM).orElse(0L);
        if (table.isEmpty() || count <= 0) {
            return;
        }
        Window in = elf.in();
        long at = elf.offset(table.get());
        for (long i = 0; i < Math.min(count, MAX_VERSIONS); i++) {
            checkCount();
            String version = elf.text(in.u32(at + in.u32(at + 12)));
            byIndex.put(in.u16(at + 4) & 0x7fff, version);
            if ((in.u16(at + 2) & FLAG_BASE) == 0) {
                definitions.add(version);
            }
            long next = in.u32(at + 16);
            if (next == 0) {
                return;
            }
            at += next;
        }
    }

    private void checkCount() throws ElfException {
        if (needs.size() + definitions.size() >= MAX_VERSIONS) {
            throw new ElfException("more than " + MAX_VERSIONS + " versions of symbols");
        }
    }
}
