package dev.dunnage.launcher.doctor;

import dev.dunnage.launcher.Version;
import dev.dunnage.launcher.agent.AgentClient;
import dev.dunnage.launcher.wire.Pong;
import dev.dunnage.launcher.wire.WireException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Java, the installed files, the agent and the tools that make images. */
final class InstallCheck implements Check {
    private static final List<String> FILES = List.of(
            "bin/dunnage",
            "libexec/dunnage/dunnage-buildroot",
            "libexec/dunnage/dunnage-envdump",
            "libexec/dunnage/dunnage-guard.so",
            "libexec/dunnage/dunnage-java",
            "libexec/dunnage/dunnage-slurm",
            "libexec/dunnage/dunnage-slurm-helper",
            "lib/dunnage/libjnidispatch.so");

    @Override
    public List<Finding> look(Machine machine, Optional<String> slurm) throws IOException {
        List<Finding> findings = new ArrayList<>();
        findings.add(Finding.ok(
                "java",
                System.getProperty("java.runtime.version", "unknown") + ", " + System.getProperty("java.home", "")));
        machine.prefix().ifPresent(prefix -> installation(prefix, findings));
        if (slurm.isPresent()) {
            agent(machine, findings);
        }
        tools(machine, findings);
        return findings;
    }

    private static void installation(Path prefix, List<Finding> findings) {
        List<String> missing = FILES.stream()
                .filter(file -> !Files.exists(prefix.resolve(file)))
                .toList();
        if (!missing.isEmpty()) {
            findings.add(Finding.fail(
                    "installation",
                    prefix + " lacks " + String.join(", ", missing),
                    "install again: make -C site-config install PREFIX=" + prefix));
            return;
        }
        Optional<Machine.Rights> rights = Machine.rights(prefix.resolve("libexec/dunnage"));
        if (rights.isPresent() && (rights.get().owner() != 0 || rights.get().writableByOthers())) {
            findings.add(Finding.fail(
                    "installation",
                    prefix + "/libexec/dunnage has " + rights.get().text() + ": root would run what others can change",
                    "chown -R root:root " + prefix + "; chmod -R go-w " + prefix));
        } else if (Stream.of("jsa", "aot")
                .noneMatch(kind -> Files.exists(prefix.resolve("lib/dunnage/oneshot." + kind)))) {
            findings.add(Finding.warn(
                    "installation",
                    prefix + " has no archive of classes: each start of Java takes longer",
                    prefix + "/libexec/dunnage/make-archive"));
        } else {
            findings.add(Finding.ok("installation", prefix + ", version " + Version.text()));
        }
    }

    private static void agent(Machine machine, List<Finding> findings) {
        Path socket = machine.path("/run/dunnage/agent.sock");
        String start = "systemctl start dunnage-agent";
        try {
            Pong pong = AgentClient.ping(socket);
            if (!pong.version().equals(Version.text())) {
                findings.add(Finding.warn(
                        "agent",
                        "the agent is version " + pong.version() + ", this is " + Version.text(),
                        "systemctl restart dunnage-agent"));
            } else {
                findings.add(Finding.ok("agent", "version " + pong.version() + ", " + pong.policy()));
            }
        } catch (IOException | WireException e) {
            findings.add(Finding.warn(
                    "agent", "no agent answers at " + socket + ": each step starts Java once on each node", start));
        }
    }

    private static void tools(Machine machine, List<Finding> findings) {
        List<String> missing = new ArrayList<>();
        tool(machine, "mksquashfs", "building images", "squashfs-tools", missing);
        tool(machine, "tar2sqfs", "docker:// images", "squashfs-tools-ng", missing);
        tool(machine, "gocryptfs", "encrypted images", "gocryptfs", missing);
        findings.add(
                missing.isEmpty()
                        ? Finding.ok("tools", "mksquashfs, tar2sqfs and gocryptfs are installed")
                        : Finding.warn(
                                "tools",
                                "missing: " + String.join(", ", missing),
                                "install them where users build, pull or run such images"));
    }

    private static void tool(Machine machine, String name, String use, String debian, List<String> missing) {
        if (machine.program(name).isEmpty()) {
            missing.add(name + " (" + use + "; Debian: " + debian + ")");
        }
    }
}
