package dev.dunnage.mpi.ld;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The content of {@code ld.so.cache}, in both formats: that of libc5's days, which still may stand in front of the other,
 * and that of glibc with its extension for processor levels. Entries that are damaged are passed over.
 */
public final class LdCache {
    /** Caches are smaller. */
    public static final int MAX_BYTES = 16 << 20;

    private static final byte[] OLD_MAGIC = "ld.so-1.7.0".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NEW_MAGIC = "glibc-ld.so.cache1.1".getBytes(StandardCharsets.US_ASCII);
    private static final int OLD_HEADER = 16;
    private static final int OLD_ENTRY = 12;
    private static final int NEW_HEADER = 48;
    private static final int NEW_ENTRY = 24;
    private static final int EXTENSION_MAGIC = 0xeaa42174;
    private static final int EXTENSION_LEVELS = 1;
    private static final long LEVEL_MARK = 1L << 62;
    private static final int MAX_NAME = 4096;

    /**
     * One library.
     *
     * @param level directory beneath {@code glibc-hwcaps}, for a processor that has more than the common set
     * @param hardware old marks of processors; 0 when it runs on all
     */
    record Entry(String path, int flags, long hardware, Optional<String> level) {}

    private final Map<String, List<Entry>> entries = new HashMap<>();
    private final ByteBuffer in;

    private LdCache(byte[] content) {
        in = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** A cache without entries. */
    public static LdCache empty() {
        return new LdCache(new byte[0]);
    }

    /** Reads the content of the file; one of another format has no entries. */
    public static LdCache of(byte[] content) {
        LdCache cache = new LdCache(content);
        if (cache.startsWith(NEW_MAGIC, 0)) {
            cache.readNew(0);
        } else if (cache.startsWith(OLD_MAGIC, 0)) {
            cache.readOldAndMore();
        }
        return cache;
    }

    /** Names that it knows. */
    public Iterable<String> names() {
        return entries.keySet();
    }

    /** Where a library is, for this processor: in the directory of its best level, else the first that it can run. */
    public Optional<String> find(String name, Processor processor) {
        Optional<String> plain = Optional.empty();
        int best = Integer.MAX_VALUE;
        Optional<String> found = Optional.empty();
        for (Entry entry : entries.getOrDefault(name, List.of())) {
            if (entry.flags() != processor.cacheFlags()) {
                continue;
            }
            if (entry.level().isPresent()) {
                int rank = processor.levels().indexOf(entry.level().get());
                if (rank >= 0 && rank < best) {
                    best = rank;
                    found = Optional.of(entry.path());
                }
            } else if (plain.isEmpty() && entry.hardware() == 0) {
                plain = Optional.of(entry.path());
            }
        }
        return found.isPresent() ? found : plain;
    }

    private void readOldAndMore() {
        if (in.limit() < OLD_HEADER) {
            return;
        }
        long count = Integer.toUnsignedLong(in.getInt(12));
        long end = OLD_HEADER + count * OLD_ENTRY;
        if (end > in.limit()) {
            return;
        }
        long newStart = (end + 7) / 8 * 8;
        if (newStart + NEW_HEADER <= in.limit() && startsWith(NEW_MAGIC, (int) newStart)) {
            readNew((int) newStart);
            return;
        }
        for (int at = OLD_HEADER; at < end; at += OLD_ENTRY) {
            add(in.getInt(at), offset(at + 4) + end, offset(at + 8) + end, 0, Optional.empty());
        }
    }

    /** Offsets of names count from the start of this format's header. */
    private void readNew(int start) {
        if (in.limit() - start < NEW_HEADER) {
            return;
        }
        long count = Integer.toUnsignedLong(in.getInt(start + 20));
        if (count > (in.limit() - start - NEW_HEADER) / NEW_ENTRY) {
            return;
        }
        List<String> levels = levels(start);
        for (int i = 0; i < count; i++) {
            int at = start + NEW_HEADER + i * NEW_ENTRY;
            long hardware = in.getLong(at + 16);
            boolean marked = (hardware & LEVEL_MARK) != 0 && hardware >>> 32 == LEVEL_MARK >>> 32;
            int number = (int) hardware;
            if (marked && (number < 0 || number >= levels.size())) {
                continue;
            }
            Optional<String> level = marked ? Optional.of(levels.get(number)) : Optional.empty();
            add(in.getInt(at), offset(at + 4) + start, offset(at + 8) + start, marked ? 0 : hardware, level);
        }
    }

    private List<String> levels(int start) {
        List<String> levels = new ArrayList<>();
        long table = offset(start + 32) + start;
        if (table <= start || table % 4 != 0 || table + 8 > in.limit() || in.getInt((int) table) != EXTENSION_MAGIC) {
            return levels;
        }
        long sections = offset((int) table + 4);
        for (long at = table + 8; sections > 0 && at + 16 <= in.limit(); at += 16, sections--) {
            if (in.getInt((int) at) == EXTENSION_LEVELS) {
                long from = offset((int) at + 8) + start;
                long length = offset((int) at + 12);
                for (long word = from; word + 4 <= Math.min(in.limit(), from + length); word += 4) {
                    levels.add(text(offset((int) word) + start).orElse(""));
                }
            }
        }
        return levels;
    }

    private void add(int flags, long name, long path, long hardware, Optional<String> level) {
        Optional<String> key = text(name);
        Optional<String> value = text(path);
        if (key.isPresent() && value.isPresent() && value.get().startsWith("/")) {
            entries.computeIfAbsent(key.get(), any -> new ArrayList<>())
                    .add(new Entry(value.get(), flags, hardware, level));
        }
    }

    private long offset(int at) {
        return Integer.toUnsignedLong(in.getInt(at));
    }

    private Optional<String> text(long offset) {
        if (offset >= in.limit()) {
            return Optional.empty();
        }
        int from = (int) offset;
        int end = from;
        while (end < in.limit() && end - from < MAX_NAME && in.get(end) != 0) {
            end++;
        }
        return end == in.limit() || in.get(end) != 0
                ? Optional.empty()
                : Optional.of(new String(in.array(), from, end - from, StandardCharsets.ISO_8859_1));
    }

    private boolean startsWith(byte[] magic, int at) {
        if (in.limit() - at < magic.length) {
            return false;
        }
        for (int i = 0; i < magic.length; i++) {
            if (in.get(at + i) != magic[i]) {
                return false;
            }
        }
        return true;
    }
}
