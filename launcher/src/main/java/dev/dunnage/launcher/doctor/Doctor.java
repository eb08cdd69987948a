package dev.dunnage.launcher.doctor;

import dev.dunnage.mpi.host.HostScan;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The whole examination. */
public final class Doctor {
    private final Machine machine;
    private final List<Check> checks;

    private Doctor(Machine machine, List<Check> checks) {
        this.machine = machine;
        this.checks = checks;
    }

    /**
     * An examination that has not begun.
     *
     * @param selfTest whether two ranks are started
     * @param image what they run in
     */
    public static Doctor of(Machine machine, Instant now, boolean selfTest, Optional<Path> image) {
        List<Check> checks = new ArrayList<>(List.of(
                new InstallCheck(),
                new SlurmCheck(),
                new SiteCheck(now),
                new NetworksCheck(),
                new KernelCheck(),
                new GpuCheck()));
        if (selfTest) {
            checks.add(new SelfTest(image));
        }
        return new Doctor(machine, checks);
    }

    /** Looks at everything. */
    public List<Finding> examine() {
        List<Finding> findings = new ArrayList<>();
        Optional<String> slurm = Optional.empty();
        try {
            slurm = HostScan.slurmPlugins(machine.tree());
        } catch (IOException e) {
            findings.add(unread(e));
        }
        for (Check check : checks) {
            try {
                findings.addAll(check.look(machine, slurm));
            } catch (IOException e) {
                findings.add(unread(e));
            }
        }
        return findings;
    }

    private static Finding unread(IOException e) {
        return Finding.fail("machine", "something could not be read: " + e.getMessage(), "check the file system");
    }
}
