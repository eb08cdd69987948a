package dev.dunnage.mpi.elf;

import dev.dunnage.mpi.tree.FileBytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds the dynamic section by the program headers, as the loader does: section headers may be stripped. */
final class ElfReader {
    static final int TAG_HASH = 4;
    static final int TAG_STRTAB = 5;
    static final int TAG_SYMTAB = 6;
    static final int TAG_STRSZ = 10;
    static final long TAG_GNU_HASH = 0x6ffffef5L;
    static final long TAG_VERSYM = 0x6ffffff0L;
    static final long TAG_VERDEF = 0x6ffffffcL;
    static final long TAG_VERDEFNUM = 0x6ffffffdL;
    static final long TAG_VERNEED = 0x6ffffffeL;
    static final long TAG_VERNEEDNUM = 0x6fffffffL;

    private static final int TAG_NEEDED = 1;
    private static final int TAG_SONAME = 14;
    private static final int TAG_RPATH = 15;
    private static final int TAG_RUNPATH = 29;
    private static final long TAG_FLAGS_1 = 0x6ffffffbL;
    private static final long NODEFLIB = 0x800;
    private static final int SEGMENT_LOAD = 1;
    private static final int SEGMENT_DYNAMIC = 2;
    private static final int SEGMENT_INTERP = 3;
    private static final int SEGMENT_BYTES = 56;
    private static final int MAX_SEGMENTS = 512;
    private static final int MAX_ENTRIES = 1 << 16;
    private static final int MAX_INTERP = 4096;

    private static final long EXECUTABLE = 1;
    private static final long WRITABLE = 2;

    private record Segment(long offset, long address, long fileSize, long flags) {
        boolean has(long flag) {
            return (flags & flag) != 0;
        }
    }

    private final ElfHeader header;
    private final Window in;
    private final List<Segment> loads = new ArrayList<>();
    private final List<String> needed = new ArrayList<>();
    private final Map<Long, Long> values = new HashMap<>();
    private final List<Long> neededNames = new ArrayList<>();
    private final Optional<StringTable> names;
    private Optional<Segment> dynamic = Optional.empty();
    private Optional<String> interpreter = Optional.empty();

    ElfReader(FileBytes bytes) throws IOException, ElfException {
        header = ElfHeader.read(bytes);
        if (!header.wide()) {
            throw new ElfException("files of class 32 are not read");
        }
        in = new Window(bytes, header.order());
        readSegments();
        readDynamic();
        names = readNames();
        for (long name : neededNames) {
            needed.add(text(name));
        }
    }

    private void readSegments() throws IOException, ElfException {
        in.check(0, 64, "the header");
        long table = in.u64(32);
        int entry = in.u16(54);
        int count = in.u16(56);
        if (count > 0 && entry != SEGMENT_BYTES) {
            throw new ElfException("program headers of " + entry + " bytes instead of " + SEGMENT_BYTES);
        }
        if (count > MAX_SEGMENTS) {
            throw new ElfException(count + " program headers, more than " + MAX_SEGMENTS);
        }
        in.check(table, (long) count * SEGMENT_BYTES, "the table of program headers");
        for (int at = 0; at < count; at++) {
            readSegment(table + (long) at * SEGMENT_BYTES);
        }
    }

    private void readSegment(long at) throws IOException, ElfException {
        long type = in.u32(at);
        Segment segment = new Segment(in.u64(at + 8), in.u64(at + 16), in.u64(at + 32), in.u32(at + 4));
        if (type == SEGMENT_LOAD) {
            in.check(segment.offset(), segment.fileSize(), "a segment");
            loads.add(segment);
        } else if (type == SEGMENT_DYNAMIC) {
            dynamic = Optional.of(segment);
        } else if (type == SEGMENT_INTERP) {
            if (segment.fileSize() > MAX_INTERP) {
                throw new ElfException("the loader's name has " + segment.fileSize() + " bytes");
            }
            byte[] text = in.bytes(segment.offset(), segment.fileSize(), "the loader's name");
            String name = new String(text, StandardCharsets.ISO_8859_1);
            int end = name.indexOf('\0');
            interpreter = Optional.of(end < 0 ? name : name.substring(0, end));
        }
    }

    private void readDynamic() throws IOException, ElfException {
        if (dynamic.isEmpty()) {
            return;
        }
        Segment section = dynamic.get();
        // Debug files keep the header and not the content.
        in.check(section.offset(), section.fileSize(), "the dynamic section");
        long count = Math.min(section.fileSize() / 16, MAX_ENTRIES);
        for (long at = section.offset(); at < section.offset() + count * 16; at += 16) {
            long tag = in.u64(at);
            long value = in.u64(at + 8);
            if (tag == 0) {
                return;
            } else if (tag == TAG_NEEDED) {
                neededNames.add(value);
            } else {
                values.put(tag, value);
            }
        }
    }

    private Optional<StringTable> readNames() throws IOException, ElfException {
        Optional<Long> address = value(TAG_STRTAB);
        Optional<Long> size = value(TAG_STRSZ);
        if (address.isEmpty() || size.isEmpty()) {
            return Optional.empty();
        }
        if (size.get() < 0 || size.get() > StringTable.MAX_BYTES) {
            throw new ElfException("a table of names of " + size.get() + " bytes, more than " + StringTable.MAX_BYTES);
        }
        return Optional.of(new StringTable(in.bytes(offset(address.get()), size.get(), "the table of names")));
    }

    /** Constants are mixed with code only where no segment is for constants alone. */
    List<FileRange> data() {
        boolean apart = loads.stream().anyMatch(load -> !load.has(EXECUTABLE) && !load.has(WRITABLE));
        return loads.stream()
                .filter(load -> !apart || !load.has(EXECUTABLE))
                .map(load -> new FileRange(load.offset(), load.fileSize()))
                .toList();
    }

    Window in() {
        return in;
    }

    Optional<Long> value(long tag) {
        return Optional.ofNullable(values.get(tag));
    }

    String text(long offset) throws ElfException {
        if (names.isEmpty()) {
            throw new ElfException("the file has names but no table of them");
        }
        return names.get().text(offset);
    }

    /** Where an address of the running program is in the file. */
    long offset(long address) throws ElfException {
        for (Segment load : loads) {
            if (address >= load.address() && address - load.address() < load.fileSize()) {
                return load.offset() + (address - load.address());
            }
        }
        throw new ElfException("address " + address + " is in no segment of the file");
    }

    ElfFile file() throws IOException, ElfException {
        VersionReader versions = new VersionReader(this);
        long flags = value(TAG_FLAGS_1).orElse(0L);
        return new ElfFile(
                header,
                interpreter,
                needed,
                optionalText(TAG_SONAME),
                directories(TAG_RPATH),
                directories(TAG_RUNPATH),
                (flags & NODEFLIB) != 0,
                versions.needs(),
                versions.definitions());
    }

    private Optional<String> optionalText(long tag) throws ElfException {
        Optional<Long> at = value(tag);
        return at.isEmpty() ? Optional.empty() : Optional.of(text(at.get()));
    }

    private List<String> directories(long tag) throws ElfException {
        Optional<String> text = optionalText(tag);
        return text.isEmpty() || text.get().isEmpty()
                ? List.of()
                : List.of(text.get().split(":", -1));
    }
}
