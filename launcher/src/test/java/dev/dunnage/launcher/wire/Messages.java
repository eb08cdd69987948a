package dev.dunnage.launcher.wire;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** Messages with every record present. */
final class Messages {
    private Messages() {}

    static LaunchRequest launch() {
        return new LaunchRequest(
                4711,
                0xfffffffbL,
                1,
                1000,
                100,
                List.of(100L, 4294967294L),
                "käthe",
                "/home/kaethe",
                "/home/kaethe/work dir",
                "n0042",
                "img.sif",
                "/proj/images/img.sif",
                List.of("/scratch:/data:ro", "/opt/x:/opt/x"),
                Optional.of("/data"),
                HomeChoice.SITE_DEFAULT,
                Optional.of("pmix"),
                128,
                64,
                Optional.of("physics"),
                Optional.of("gpu"),
                Optional.of("hybrid"),
                true,
                true,
                new HardwareWish(
                        Set.of(HardwareWish.Gpu.NVIDIA, HardwareWish.Gpu.INTEL),
                        false,
                        List.of("/dev/nvidia0", "/dev/nvidiactl"),
                        List.of("shm", "verbs")),
                new Networks(List.of("lab", "dmz-2"), List.of(new PortMapping(8080, 80, "tcp"))));
    }

    static LaunchPlan plan() {
        return new LaunchPlan(
                Driver.KERNEL,
                Optional.of(new ContentDigest("ab".repeat(32))),
                32768,
                1L << 40,
                EnumSet.complementOf(EnumSet.of(ViewPart.DEV)),
                List.of(new Bind("/scratch", "/data", true, false), new Bind("/opt/x", "/opt/x", false, true)),
                "/data",
                List.of(new EnvironmentVariable("DUNNAGE_NAME", "img.sif"), new EnvironmentVariable("EMPTY", "")),
                true,
                "allowed by /etc/dunnage/policy.yaml:12 rule 'production'",
                List.of("a line"),
                confinement(),
                List.of("srun", "sbatch"),
                true,
                new HostFiles(
                        List.of(
                                HostFiles.file("/opt/mpi/lib/libmpi.so.40", HostFiles.LIBRARIES + "/libmpi.so.40"),
                                HostFiles.file("/opt/mpi/lib/openmpi", "/opt/mpi/lib/openmpi")),
                        List.of(HostFiles.shim("/usr/lib/libmpi.so.40", HostFiles.LIBRARIES + "/libmpi.so.40"))));
    }

    static Confinement confinement() {
        return new Confinement(
                1L << 63,
                true,
                true,
                new Networks(List.of("lab"), List.of(new PortMapping(65535, 1, "udp"))),
                List.of("/dev/nvidia0", "/dev/infiniband"),
                Optional.of("strict"),
                OptionalLong.of(512),
                OptionalLong.of(1L << 33),
                Optional.of(List.of("HOME", "OMP_*")),
                false);
    }
}
