package dev.dunnage.launcher.plan;

import dev.dunnage.policy.Grants;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

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

    private static final Path DEV = Path.of("/dev");
    /** What programs find in the host's /dev beside devices. */
    private static final List<Path> PLACES =
            List.of(DEV.resolve("hugepages"), DEV.resolve("infiniband"), DEV.resolve("mqueue"));

    private static final Pattern TERMINAL = Pattern.compile("tty.+|vcs.*|loop.*|ram[0-9]+");
    private static final Pattern GRAPHICS = Pattern.compile("nvidia.*|gdrdrv|dri|kfd|dxg|accel|davinci.*");

    private HostDevices() {}

    /**
     * Devices and directories of devices; empty: all that the host shows.
     *
     * @param sys the kernel's own list, /sys/dev: the launcher's /dev may be a private one
     */
    static Optional<List<String>> granted(Grants grants, Path sys) throws IOException {
        if (grants.devices().isEmpty() && grants.gpu()) {
            return Optional.empty();
        }
        Set<Path> devices =
                new TreeSet<>(grants.devices().isPresent() ? grants.devices().get() : all(sys));
        return Optional.of(devices.stream()
                .filter(device -> grants.gpu() || !isGraphics(device))
                .map(Path::toString)
                .toList());
    }

    /**
     * The same for a container that has of the node's graphics processors these alone, and everything else as always.
     *
     * @param gpus devices of graphics processors that are granted
     */
    static List<String> with(List<String> gpus, Grants grants, Path sys) throws IOException {
        List<Path> others = grants.devices().isPresent() ? grants.devices().get() : all(sys);
        Set<Path> devices = new TreeSet<>(others);
        if (grants.devices().isEmpty()) {
            devices.addAll(PLACES);
        }
        devices.removeIf(HostDevices::isGraphics);
        gpus.stream().map(Path::of).forEach(devices::add);
        return devices.stream().map(Path::toString).toList();
    }

    /** What the kernel lists, as paths in /dev; of directories the directory. */
    static Set<String> names(Path sys) throws IOException {
        return all(sys).stream().map(Path::toString).collect(Collectors.toSet());
    }

    private static boolean isGraphics(Path device) {
        return device.getNameCount() > 1
                && GRAPHICS.matcher(device.getName(1).toString()).matches();
    }

    private static List<Path> all(Path sys) throws IOException {
        List<Path> devices = new ArrayList<>();
        for (String kind : List.of("char", "block")) {
            try (DirectoryStream<Path> numbers = Files.newDirectoryStream(sys.resolve(kind))) {
                for (Path number : numbers) {
                    name(number.resolve("uevent")).ifPresent(devices::add);
                }
            }
        }
        return devices;
    }

    /** The entry of /dev that holds the device, unless every container has it anyway. */
    private static Optional<Path> name(Path facts) throws IOException {
        try {
            return Files.readAllLines(facts).stream()
                    .filter(line -> line.startsWith("DEVNAME="))
                    .map(line -> line.substring("DEVNAME=".length()).split("/", 2)[0])
                    .filter(name ->
                            !OWN.contains(name) && !TERMINAL.matcher(name).matches())
                    .map(DEV::resolve)
                    .findFirst();
        } catch (NoSuchFileException e) {
            return Optional.empty(); // unplugged in this moment
        }
    }
}
