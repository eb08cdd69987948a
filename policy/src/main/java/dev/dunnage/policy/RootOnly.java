package dev.dunnage.policy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * See {@link OwnershipRule#rootOnly()}.
 *
 * @param owner the user id that must own everything; 0 but in tests
 */
record RootOnly(int owner) implements OwnershipRule {
    private static final int GROUP_OR_OTHERS_WRITE = 0022;
    private static final int STICKY = 01000;

    @Override
    public void check(Path file) throws SiteFileException {
        List<String> findings = new ArrayList<>();
        try {
            checkFile(file, findings);
            checkDirectories(file.toAbsolutePath().normalize().getParent(), findings);
        } catch (IOException e) {
            throw SiteFile.unreadable(file, e);
        }
        if (!findings.isEmpty()) {
            throw new SiteFileException(
                    findings.stream().map(f -> new Problem(file, 0, 0, "", f)).toList());
        }
    }

    private void checkFile(Path file, List<String> findings) throws IOException {
        BasicFileAttributes type = Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (type.isSymbolicLink()) {
            findings.add("is a symbolic link: install the file itself");
        } else if (!type.isRegularFile()) {
            findings.add("is not a regular file: install a text file");
        } else {
            checkOwner("the file", file, 0, findings);
        }
    }

    private void checkDirectories(@Nullable Path directory, List<String> findings) throws IOException {
        if (directory == null) {
            return;
        }
        // A link on the way would be checked at its end only, while whoever owns the link chooses the end.
        Path real = directory.toRealPath();
        if (!real.equals(directory)) {
            findings.add("directory " + directory + " is reached through a symbolic link: use its real path " + real);
        }
        checkOwner("directory " + real, real, 0, findings);
        for (Path above = real.getParent(); above != null; above = above.getParent()) {
            checkOwner("directory " + above, above, STICKY, findings);
        }
    }

    /** Whoever can write a directory can replace what is in it, unless it is sticky. */
    private void checkOwner(String what, Path path, int excuse, List<String> findings) throws IOException {
        Map<String, Object> seen = Files.readAttributes(path, "unix:uid,mode", LinkOption.NOFOLLOW_LINKS);
        int uid = (Integer) seen.getOrDefault("uid", -1);
        int mode = (Integer) seen.getOrDefault("mode", 0777);
        if (uid != owner) {
            findings.add(what + " belongs to user id " + uid + ", not to root: chown root " + path);
        }
        if ((mode & GROUP_OR_OTHERS_WRITE) != 0 && (mode & excuse) == 0) {
            findings.add(what + " can be written by others than its owner (mode " + Integer.toOctalString(mode & 07777)
                    + "): chmod go-w " + path);
        }
    }
}
