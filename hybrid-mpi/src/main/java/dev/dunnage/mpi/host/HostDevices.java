package dev.dunnage.mpi.host;

import dev.dunnage.mpi.tree.TreePaths;
import java.io.IOException;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * Devices and rules of the kernel that decide how bytes travel between ranks.
 *
 * @param verbs devices of {@code /dev/infiniband} that programs open
 * @param adapters names of InfiniBand and RoCE adapters
 * @param slingshot devices of HPE Slingshot
 * @param omniPath devices of Omni-Path
 * @param xpmem whether {@code /dev/xpmem} is there
 * @param ptraceScope Yama's restriction; empty when the kernel has none
 */
public record HostDevices(
        List<String> verbs,
        List<String> adapters,
        List<String> slingshot,
        List<String> omniPath,
        boolean xpmem,
        OptionalInt ptraceScope) {
    private static final int MAX_NUMBER = 16;
    private static final Pattern UVERBS = Pattern.compile("uverbs[0-9]+");
    private static final Pattern CXI = Pattern.compile("cxi[0-9]+");
    private static final Pattern HFI1 = Pattern.compile("hfi1(?:_[0-9]+)?");

    /** Copies the lists. */
    public HostDevices {
        verbs = List.copyOf(verbs);
        adapters = List.copyOf(adapters);
        slingshot = List.copyOf(slingshot);
        omniPath = List.copyOf(omniPath);
    }

    /** Looks at a machine. */
    public static HostDevices of(TreePaths host) throws IOException {
        return new HostDevices(
                matching(host, "/dev/infiniband", UVERBS),
                host.names("/sys/class/infiniband"),
                matching(host, "/dev", CXI),
                matching(host, "/dev", HFI1),
                host.tree().node("/dev/xpmem").isPresent(),
                ptraceScope(host));
    }

    /** Whether there is something faster than the machine's own network. */
    public boolean hasFastNetwork() {
        return !verbs.isEmpty() || !slingshot.isEmpty() || !omniPath.isEmpty();
    }

    private static List<String> matching(TreePaths host, String directory, Pattern names) throws IOException {
        return host.names(directory).stream()
                .filter(name -> names.matcher(name).matches())
                .toList();
    }

    private static OptionalInt ptraceScope(TreePaths host) throws IOException {
        String text = host.head("/proc/sys/kernel/yama/ptrace_scope", MAX_NUMBER)
                .map(String::strip)
                .orElse("");
        return text.matches("[0-9]") ? OptionalInt.of(Integer.parseInt(text)) : OptionalInt.empty();
    }
}
