package dev.dunnage.launcher.doctor;

import dev.dunnage.mpi.host.HostDevices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What the kernel offers to containers. */
final class KernelCheck implements Check {
    private static final Pattern RELEASE = Pattern.compile("([0-9]{1,4})\\.([0-9]{1,4}).*");
    private static final Pattern LOCKED = Pattern.compile("(?m)^Max locked memory\\s+(\\S+)");

    @Override
    public List<Finding> look(Machine machine, Optional<String> slurm) throws IOException {
        List<Finding> findings = new ArrayList<>();
        release(machine, findings);
        squashfs(machine, findings);
        fuse(machine, findings);
        userNamespaces(machine, findings);
        cgroups(machine, findings);
        HostDevices devices = HostDevices.of(machine.tree());
        memlock(machine, devices, findings);
        ptrace(devices, findings);
        drivers(machine, devices, findings);
        return findings;
    }

    private static void release(Machine machine, List<Finding> findings) {
        String release = machine.text("/proc/sys/kernel/osrelease").orElse("");
        Matcher parts = RELEASE.matcher(release);
        if (!parts.matches()) {
            findings.add(Finding.warn("kernel", "its release cannot be told", "mount /proc"));
            return;
        }
        int major = Integer.parseInt(parts.group(1));
        boolean old = major < 5 || (major == 5 && Integer.parseInt(parts.group(2)) < 14);
        findings.add(
                old
                        ? Finding.fail("kernel", "Linux " + release + " is older than 5.14", "run a newer kernel")
                        : Finding.ok("kernel", "Linux " + release));
    }

    private static void squashfs(Machine machine, List<Finding> findings) throws IOException {
        boolean known = machine.text("/proc/filesystems").stream()
                .flatMap(String::lines)
                .anyMatch(line -> line.endsWith("\tsquashfs"));
        boolean loop = machine.has("/dev/loop-control");
        if (!known && !hasModule(machine, "squashfs.ko")) {
            findings.add(Finding.warn(
                    "squashfs",
                    "the kernel has no squashfs: signed images are refused, or served by FUSE where a rule says so",
                    "load the module squashfs"));
        } else if (!loop) {
            findings.add(Finding.warn(
                    "squashfs",
                    "there is no /dev/loop-control: the kernel cannot mount images",
                    "load the module loop"));
        } else {
            findings.add(Finding.ok("squashfs", "the kernel mounts squashfs by loop devices"));
        }
    }

    private static boolean hasModule(Machine machine, String name) throws IOException {
        Optional<String> release = machine.text("/proc/sys/kernel/osrelease");
        Path modules = machine.path("/lib/modules/" + release.orElse("none") + "/kernel/fs");
        if (!Files.isDirectory(modules)) {
            return false;
        }
        try (Stream<Path> files = Files.walk(modules, 2)) {
            return files.anyMatch(file -> String.valueOf(file.getFileName()).startsWith(name));
        }
    }

    private static void fuse(Machine machine, List<Finding> findings) {
        Optional<Machine.Rights> device = Machine.rights(machine.path("/dev/fuse"));
        boolean server = Stream.of("squashfuse_ll", "squashfuse")
                .anyMatch(name -> machine.program(name).isPresent());
        if (device.isEmpty()) {
            findings.add(Finding.fail(
                    "fuse", "there is no /dev/fuse: images that nobody signed do not start", "load the module fuse"));
        } else if (!server) {
            findings.add(Finding.fail(
                    "fuse",
                    "squashfuse is not installed: images that nobody signed do not start",
                    "install the package squashfuse"));
        } else if ((device.get().mode() & 06) != 06) {
            findings.add(Finding.warn(
                    "fuse",
                    "/dev/fuse is closed to users (mode "
                            + Integer.toOctalString(device.get().mode() & 0777)
                            + "): dunnage exec works for root alone, steps of Slurm do",
                    "chmod 666 /dev/fuse, by a rule of udev"));
        } else {
            findings.add(Finding.ok("fuse", "/dev/fuse is open to users, squashfuse is installed"));
        }
    }

    private static void userNamespaces(Machine machine, List<Finding> findings) {
        String cure = "";
        String cause = "";
        if (machine.text("/proc/sys/user/max_user_namespaces").equals(Optional.of("0"))) {
            cause = "user.max_user_namespaces is 0";
            cure = "sysctl -w user.max_user_namespaces=10000";
        } else if (machine.text("/proc/sys/kernel/unprivileged_userns_clone").equals(Optional.of("0"))) {
            cause = "kernel.unprivileged_userns_clone is 0";
            cure = "sysctl -w kernel.unprivileged_userns_clone=1";
        } else if (machine.text("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
                .equals(Optional.of("1"))) {
            cause = "kernel.apparmor_restrict_unprivileged_userns is 1";
            cure = "give dunnage a profile with the rule userns, or set it to 0";
        }
        findings.add(
                cause.isEmpty()
                        ? Finding.ok("user-namespaces", "users may make them")
                        : Finding.warn(
                                "user-namespaces",
                                cause + ": dunnage exec works for root alone, steps of Slurm do",
                                cure));
    }

    private static void cgroups(Machine machine, List<Finding> findings) {
        Optional<String> second = machine.text("/sys/fs/cgroup/cgroup.controllers");
        List<String> lacking = new ArrayList<>();
        for (String name : List.of("memory", "pids")) {
            boolean there = second.isPresent()
                    ? List.of(second.get().split(" ", -1)).contains(name)
                    : machine.has("/sys/fs/cgroup/" + name);
            if (!there) {
                lacking.add(name);
            }
        }
        String version = "version " + (second.isPresent() ? "2" : "1");
        if (second.isEmpty()
                && !machine.has("/sys/fs/cgroup/memory")
                && !machine.has("/sys/fs/cgroup/pids")
                && !machine.has("/sys/fs/cgroup/freezer")) {
            findings.add(Finding.warn(
                    "cgroups",
                    "there are none: rules that limit memory or processes refuse steps",
                    "mount /sys/fs/cgroup"));
        } else if (!lacking.isEmpty()) {
            findings.add(Finding.warn(
                    "cgroups",
                    version + " without " + String.join(" and ", lacking) + ": rules that limit them refuse steps",
                    "switch the controllers on"));
        } else {
            findings.add(Finding.ok("cgroups", version + ", with memory and pids"));
        }
    }

    private static void memlock(Machine machine, HostDevices devices, List<Finding> findings) {
        Matcher limit = LOCKED.matcher(machine.text("/proc/self/limits").orElse(""));
        String value = limit.find() ? limit.group(1) : "unknown";
        boolean enough = value.equals("unlimited");
        findings.add(
                enough || !devices.hasFastNetwork()
                        ? Finding.ok("memlock", "limit " + value + (enough ? "" : "; no network here that needs more"))
                        : Finding.warn(
                                "memlock",
                                "limit " + value + ": registering memory with the network may fail",
                                "set it to unlimited for users and in slurmd's unit (LimitMEMLOCK=infinity)"));
    }

    private static void ptrace(HostDevices devices, List<Finding> findings) {
        int scope = devices.ptraceScope().orElse(0);
        findings.add(
                scope == 0
                        ? Finding.ok("single-copy", "ranks of a node may read each other's memory (CMA)")
                        : Finding.warn(
                                "single-copy",
                                "kernel.yama.ptrace_scope is " + scope + ": ranks of a node copy large messages twice",
                                "sysctl -w kernel.yama.ptrace_scope=0, if the site accepts that users trace their own processes"));
    }

    private static void drivers(Machine machine, HostDevices devices, List<Finding> findings) {
        List<String> seen = new ArrayList<>(devices.adapters());
        seen.addAll(devices.slingshot());
        seen.addAll(devices.omniPath());
        boolean nvidia = machine.has("/dev/nvidiactl");
        Optional<String> loaded = machine.text("/sys/module/nvidia/version");
        if (nvidia) {
            seen.add("NVIDIA" + loaded.map(version -> " " + version).orElse(""));
        }
        if (machine.has("/dev/kfd")) {
            seen.add("AMD");
        }
        if (!devices.adapters().isEmpty() && devices.verbs().isEmpty()) {
            findings.add(Finding.warn(
                    "drivers",
                    "adapter " + devices.adapters().get(0) + " has no device in /dev/infiniband: MPI uses TCP",
                    "load the module ib_uverbs"));
        } else if (loaded.isPresent() && !nvidia) {
            findings.add(Finding.warn(
                    "drivers",
                    "NVIDIA's module is loaded, and /dev/nvidiactl is not there",
                    "run nvidia-modprobe or nvidia-persistenced"));
        } else {
            findings.add(
                    Finding.ok("drivers", seen.isEmpty() ? "neither fast network nor GPU" : String.join(", ", seen)));
        }
    }
}
