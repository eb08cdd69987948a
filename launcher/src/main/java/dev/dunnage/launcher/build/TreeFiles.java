package dev.dunnage.launcher.build;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** Files that a builder puts into a root file system, as one small archive in memory; without times and owned by root. */
final class TreeFiles {
    private static final int EXECUTABLE = 0755;
    private static final int PLAIN = 0644;

    private final Map<String, byte[]> contents = new LinkedHashMap<>();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, "UTF-8");

    TreeFiles() {
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
        tar.setAddPaxHeadersForNonAsciiNames(true);
    }

    TreeFiles directory(String path, int mode) {
        TarArchiveEntry entry = new TarArchiveEntry(path + "/", TarConstants.LF_DIR);
        entry.setMode(mode);
        return put(entry, new byte[0]);
    }

    TreeFiles directory(String path) {
        return directory(path, EXECUTABLE);
    }

    TreeFiles script(String path, byte[] content) {
        return file(path, content, EXECUTABLE);
    }

    TreeFiles file(String path, byte[] content) {
        return file(path, content, PLAIN);
    }

    private TreeFiles file(String path, byte[] content, int mode) {
        TarArchiveEntry entry = new TarArchiveEntry(path, TarConstants.LF_NORMAL);
        entry.setMode(mode);
        entry.setSize(content.length);
        contents.put(path, content.clone());
        return put(entry, content);
    }

    TreeFiles link(String path, String target) {
        TarArchiveEntry entry = new TarArchiveEntry(path, TarConstants.LF_SYMLINK);
        entry.setLinkName(target);
        return put(entry, new byte[0]);
    }

    private TreeFiles put(TarArchiveEntry entry, byte[] content) {
        entry.setModTime(0L);
        entry.setUserName("");
        entry.setGroupName("");
        try {
            tar.putArchiveEntry(entry);
            tar.write(content);
            tar.closeArchiveEntry();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e); // writing to memory
        }
    }

    /** Contents of the regular files by their paths. */
    Map<String, byte[]> contents() {
        return contents;
    }

    /** The finished archive; nothing can be added any more. */
    byte[] toTar() {
        try {
            tar.close();
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // writing to memory
        }
    }
}
