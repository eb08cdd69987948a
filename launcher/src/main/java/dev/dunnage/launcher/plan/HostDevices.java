package dev.dunnage.launcher.plan;

import dev.dunnage.policy.Grants;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Which devices of the host a container sees. */
final class HostDevices {
    /** What every container has in a /dev of its own, and what is no device. */
    private static final Set<String> OWN = Set.of(
            "char",
            "block",
            "bus",
            "console",
            "core",
            "disk",
            "fd",
            "full",
            "hugepages",
            "initctl",
            "log",
            "mapper",
            "mqueue",
            "null",
            "ptmx",
            "pts",
            "random",
            "shm",
            "stderr",
            "stdin",
            "stdout",
            "tty",
            "urandom",
            "zero");

    private static final Pattern GRAPHICS = Pattern.compile("nvidia.*|dri|kfd|dxg|accel|davinci.*");

    private HostDevices() {}

    /**
     * Devices and directories of devices; empty: all that the host shows.
     *
     * @param dev the host's /dev
     */
    static Optional<List<String>> granted(Grants grants, Path dev) throws IOException {
        if (grants.devices().isEmpty() && grants.gpu()) {
            return Optional.empty();
        }
        List<Path> devices = grants.devices().isPresent() ? grants.devices().get() : all(dev);
        return Optional.of(devices.stream()
                .filter(device -> grants.gpu() || !isGraphics(dev, device))
                .map(Path::toString)
                .toList());
    }

    private static boolean isGraphics(Path dev, Path device) {
        return device.startsWith(dev)
                && device.getNameCount() > dev.getNameCount()
                && GRAPHICS.matcher(device.getName(dev.getNameCount()).toString())
                        .matches();
    }

    private static List<Path> all(Path dev) throws IOException {
        List<Path> devices = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(dev)) {
            for (Path entry : entries) {
                BasicFileAttributes facts =
                        Files.readAttributes(entry, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
                boolean device = facts.isOther() || facts.isDirectory();
                if (device && !OWN.contains(entry.getFileName().toString())) {
                    devices.add(entry);
                }
            }
        }
        devices.sort(null);
        return devices;
    }
}
