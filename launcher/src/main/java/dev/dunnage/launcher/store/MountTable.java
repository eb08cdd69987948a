package dev.dunnage.launcher.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Type of the file system that a device number belongs to, from the kernel's table of mounts. */
final class MountTable {
    private static final Path TABLE = Path.of("/proc/self/mountinfo");

    private MountTable() {}

    /** Type such as {@code ext4}; empty when no mount in this namespace shows the device. */
    static Optional<String> typeOf(long device) throws IOException {
        return typeOf(device, Files.readString(TABLE, StandardCharsets.ISO_8859_1));
    }

    static Optional<String> typeOf(long device, String table) {
        String wanted = major(device) + ":" + minor(device);
        for (String line : table.split("\n", -1)) {
            String[] fields = line.split(" ", -1);
            if (fields.length > 2 && fields[2].equals(wanted)) {
                return afterSeparator(fields);
            }
        }
        return Optional.empty();
    }

    /** The optional fields before the separator vary in number. */
    private static Optional<String> afterSeparator(String[] fields) {
        for (int at = 6; at < fields.length - 1; at++) {
            if (fields[at].equals("-")) {
                return Optional.of(fields[at + 1]);
            }
        }
        return Optional.empty();
    }

    private static long major(long device) {
        return ((device >>> 8) & 0xfff) | ((device >>> 32) & ~0xfffL);
    }

    private static long minor(long device) {
        return (device & 0xff) | ((device >>> 12) & ~0xffL & 0xffffffffL);
    }
}
