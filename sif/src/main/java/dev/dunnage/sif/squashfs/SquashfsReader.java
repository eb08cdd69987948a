package dev.dunnage.sif.squashfs;

import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.SifFormatException;
import dev.dunnage.sif.Squashfs;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A squashfs file system in an image. Paths are absolute, without {@code .}, {@code ..} and links in front of their last
 * part. Not thread-safe.
 */
public final class SquashfsReader {
    private static final int DIRECTORY = 1;
    private static final long MAX_LISTING = 64L << 20;
    private static final int MAX_ENTRIES = 1 << 16;
    private static final int MAX_KEPT = 1 << 17;

    /**
     * What a path leads to, not followed.
     *
     * @param kind one of {@code file}, {@code directory}, {@code link} and {@code other}
     * @param size bytes of a file
     * @param target of a link, else empty
     */
    public record Entry(String kind, long size, String target) {}

    /** A name's inode and type. */
    private record Child(long reference, int type) {}

    private final Blocks blocks;
    private final long inodeTable;
    private final long directoryTable;
    private final long fragmentTable;
    private final long fragments;
    private final long root;
    private final Map<String, Map<String, Child>> listings = new HashMap<>();
    private long entries;
    private long kept;

    private SquashfsReader(Blocks blocks, ByteBuffer superblock) {
        this.blocks = blocks;
        this.fragments = Integer.toUnsignedLong(superblock.getInt(16));
        this.root = superblock.getLong(32);
        this.inodeTable = superblock.getLong(64);
        this.directoryTable = superblock.getLong(72);
        this.fragmentTable = superblock.getLong(80);
    }

    /**
     * Opens the file system that starts at {@code offset} and has {@code size} bytes at most.
     *
     * @throws SifFormatException when no squashfs is there
     * @throws SquashfsException when it is of a kind that is not read
     */
    public static SquashfsReader open(ImageBytes bytes, long offset, long size) throws IOException, SifFormatException {
        Squashfs facts = Squashfs.read(bytes, offset, size);
        Inflating inflating = new Inflating(facts.compressor());
        Blocks blocks = new Blocks(bytes, offset, facts.bytesUsed(), facts.blockSize(), inflating);
        return new SquashfsReader(blocks, blocks.raw(0, 96));
    }

    /** What is at a path; empty when nothing is. */
    public Optional<Entry> entry(String path) throws IOException {
        Optional<SquashfsInode> inode = inode(path);
        return inode.map(found -> new Entry(
                switch (found.kind()) {
                    case FILE -> "file";
                    case DIRECTORY -> "directory";
                    case LINK -> "link";
                    case OTHER -> "other";
                },
                found.kind() == SquashfsInode.Kind.FILE ? found.size() : 0,
                found.target()));
    }

    /** Names in a directory; none when there is no such directory. */
    public List<String> names(String directory) throws IOException {
        return List.copyOf(listing(directory).keySet());
    }

    /** Names of the directories in a directory. */
    public List<String> directories(String directory) throws IOException {
        return listing(directory).entrySet().stream()
                .filter(entry -> entry.getValue().type() == DIRECTORY)
                .map(Map.Entry::getKey)
                .toList();
    }

    /**
     * Opens a regular file.
     *
     * @throws SquashfsException when there is none
     */
    public SquashfsFile file(String path) throws IOException {
        Optional<SquashfsInode> inode = inode(path);
        if (inode.isEmpty() || inode.get().kind() != SquashfsInode.Kind.FILE) {
            throw new SquashfsException(path + " is no file in the image");
        }
        return new SquashfsFile(blocks, inode.get(), fragmentTable, fragments);
    }

    private Optional<SquashfsInode> inode(String path) throws IOException {
        if (path.equals("/")) {
            return Optional.of(inode(root));
        }
        int slash = path.lastIndexOf('/');
        String directory = slash <= 0 ? "/" : path.substring(0, slash);
        Child child = listing(directory).get(path.substring(slash + 1));
        return child == null ? Optional.empty() : Optional.of(inode(child.reference()));
    }

    private SquashfsInode inode(long reference) throws IOException {
        return SquashfsInode.read(blocks, inodeTable + (reference >>> 16), (int) (reference & 0xffff));
    }

    /** Names with references to their inodes. */
    private Map<String, Child> listing(String directory) throws IOException {
        Map<String, Child> known = listings.get(directory);
        if (known == null) {
            Optional<SquashfsInode> inode = inode(directory);
            known = inode.isPresent() && inode.get().kind() == SquashfsInode.Kind.DIRECTORY
                    ? read(inode.get())
                    : Map.of();
            kept += known.size() + 1;
            if (kept > MAX_KEPT) {
                listings.clear();
                kept = known.size() + 1L;
            }
            listings.put(directory, known);
        }
        return known;
    }

    private Map<String, Child> read(SquashfsInode directory) throws IOException {
        Map<String, Child> found = new LinkedHashMap<>();
        // The size counts two entries that are not stored, with 3 bytes.
        long left = directory.size() - 3;
        if (left > MAX_LISTING) {
            throw new SquashfsException("a directory of " + left + " bytes");
        }
        if (left <= 0) {
            return found;
        }
        MetadataCursor in = new MetadataCursor(blocks, directoryTable + directory.start(), directory.offset());
        while (left > 12) {
            long count = in.u32() + 1;
            long block = in.u32();
            in.skip(4);
            left -= 12;
            if (count > 256) {
                throw new SquashfsException(count + " entries in one part of a directory, more than 256");
            }
            for (long i = 0; i < count && left > 0; i++) {
                int offset = in.u16();
                in.skip(2);
                int type = in.u16();
                int length = in.u16() + 1;
                if (length > 256) {
                    throw new SquashfsException("a name of " + length + " bytes");
                }
                String name = new String(in.bytes(length), StandardCharsets.UTF_8);
                left -= 8 + length;
                if (found.size() >= MAX_ENTRIES || ++entries > 16L * MAX_ENTRIES) {
                    throw new SquashfsException("more than " + MAX_ENTRIES + " files in one directory");
                }
                // Names that lead elsewhere exist in images that were made to harm.
                if (name.indexOf('/') < 0 && !name.equals(".") && !name.equals("..")) {
                    found.put(name, new Child(block << 16 | offset, type));
                }
            }
        }
        return found;
    }
}
