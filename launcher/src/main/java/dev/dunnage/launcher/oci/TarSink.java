package dev.dunnage.launcher.oci;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** Writes the files of the merged tree. Only what a squashfs keeps is written, so that equal trees give equal bytes. */
final class TarSink implements Closeable {
    private static final String XATTR = "SCHILY.xattr.";
    private static final String CAPABILITY = XATTR + "security.capability";
    private static final String USER = XATTR + "user.";
    /** Would change what an overlay shows that has the image below. */
    private static final String OVERLAY = USER + "overlay.";

    private static final int PERMISSIONS = 07777;
    private static final long MAX_TIME = 0xffff_ffffL;
    private static final long MAX_OWNER = 0xffff_ffffL;
    private static final int BUFFER = 1 << 17;
    /** The library hands out what it writes in blocks of this size. */
    private static final int BLOCK = 1 << 16;

    private final TarArchiveOutputStream tar;
    private final Owners owners;
    private final byte[] buffer = new byte[BUFFER];

    TarSink(OutputStream out, Owners owners) {
        this.tar = new TarArchiveOutputStream(out, BLOCK, "UTF-8");
        this.owners = owners;
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
        tar.setAddPaxHeadersForNonAsciiNames(true);
    }

    /** Writes a file once with its content, and a link for each further name. */
    void put(TarArchiveEntry source, Inode inode, LayerStream content) throws IOException, OciException {
        List<Node> names = inode.names();
        Node first = names.get(0);
        TarArchiveEntry entry = entry(source, inode.kind(), first);
        tar.putArchiveEntry(entry);
        if (inode.kind() == EntryKind.FILE) {
            content.copyTo(tar, buffer);
        }
        tar.closeArchiveEntry();
        for (Node other : names.subList(1, names.size())) {
            TarArchiveEntry link = new TarArchiveEntry(other.path(), TarConstants.LF_LINK);
            link.setLinkName(first.path());
            plain(link);
            tar.putArchiveEntry(link);
            tar.closeArchiveEntry();
        }
    }

    private TarArchiveEntry entry(TarArchiveEntry source, EntryKind kind, Node name) {
        TarArchiveEntry entry =
                new TarArchiveEntry(kind == EntryKind.DIRECTORY ? name.path() + "/" : name.path(), flag(kind));
        if (name.parent() == name) {
            entry.setName("./");
        }
        plain(entry);
        entry.setMode(source.getMode() & PERMISSIONS);
        long seconds = source.getLastModifiedTime().toMillis() / 1000;
        entry.setModTime(Math.max(0, Math.min(MAX_TIME, seconds)) * 1000);
        if (owners == Owners.IMAGE) {
            entry.setUserId(Math.max(0, Math.min(MAX_OWNER, source.getLongUserId())));
            entry.setGroupId(Math.max(0, Math.min(MAX_OWNER, source.getLongGroupId())));
        }
        if (kind == EntryKind.SYMLINK) {
            entry.setLinkName(name.target());
        } else if (kind == EntryKind.FILE) {
            entry.setSize(source.isSparse() ? source.getRealSize() : source.getSize());
        }
        if (kind == EntryKind.FILE || kind == EntryKind.DIRECTORY) {
            copyAttributes(source, entry);
        }
        return entry;
    }

    private static byte flag(EntryKind kind) {
        return switch (kind) {
            case DIRECTORY -> TarConstants.LF_DIR;
            case SYMLINK -> TarConstants.LF_SYMLINK;
            case FIFO -> TarConstants.LF_FIFO;
            default -> TarConstants.LF_NORMAL;
        };
    }

    /** Nothing of this machine: the library fills in the time and the user. */
    private static void plain(TarArchiveEntry entry) {
        entry.setModTime(0L);
        entry.setUserName("");
        entry.setGroupName("");
        entry.setUserId(0);
        entry.setGroupId(0);
    }

    /** User attributes and file capabilities; a value that is no text does not survive the library and is left out. */
    private static void copyAttributes(TarArchiveEntry source, TarArchiveEntry entry) {
        for (Map.Entry<String, String> header : source.getExtraPaxHeaders().entrySet()) {
            String name = header.getKey();
            boolean isKept = name.equals(CAPABILITY) || (name.startsWith(USER) && !name.startsWith(OVERLAY));
            if (isKept && header.getValue().indexOf('\ufffd') < 0) {
                entry.addPaxHeader(name, header.getValue());
            }
        }
    }

    @Override
    public void close() throws IOException {
        tar.close();
    }
}
