package dev.dunnage.launcher.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A message in the notation of tests/contract/vectors/README.md. */
final class Described {
    private final List<String> lines = new ArrayList<>();

    private Described(Kind kind) {
        put("KIND", kind);
    }

    static List<String> of(Message message) {
        if (message instanceof LaunchRequest launch) {
            return launch(launch);
        } else if (message instanceof LaunchPlan plan) {
            return plan(plan);
        } else if (message instanceof Refusal refusal) {
            return new Described(Kind.REFUSAL)
                    .put("CODE", refusal.code().number())
                    .put("MESSAGE", refusal.message())
                    .lines;
        } else if (message instanceof Pong pong) {
            return new Described(Kind.PONG).put("VERSION", pong.version()).put("POLICY", pong.policy()).lines;
        }
        return new Described(Kind.PING).lines;
    }

    private static List<String> launch(LaunchRequest launch) {
        Described out = new Described(Kind.LAUNCH);
        out.put("JOB_ID", launch.jobId()).put("STEP_ID", launch.stepId()).put("RESTART", launch.restart());
        out.put("UID", launch.uid()).put("GID", launch.gid());
        out.put("GROUPS", launch.groups().stream().map(String::valueOf).collect(Collectors.joining(",")));
        out.put("USER", launch.user()).put("HOME", launch.home()).put("CWD", launch.cwd());
        out.put("NODE", launch.node());
        out.put("IMAGE_REF", launch.imageRef()).put("IMAGE_PATH", launch.imagePath());
        launch.mounts().forEach(mount -> out.put("MOUNT", mount));
        launch.workdir().ifPresent(workdir -> out.put("WORKDIR", workdir));
        out.put("MOUNT_HOME", launch.mountHome().number());
        launch.mpiType().ifPresent(type -> out.put("MPI_TYPE", type));
        out.put("STEP_TASKS", launch.stepTasks()).put("LOCAL_TASKS", launch.localTasks());
        launch.account().ifPresent(account -> out.put("ACCOUNT", account));
        launch.partition().ifPresent(partition -> out.put("PARTITION", partition));
        launch.mpi().ifPresent(mpi -> out.put("MPI", mpi));
        out.number("ROOTLESS", launch.rootless() ? 1 : 0);
        out.number("OVERLAY", launch.overlay() ? 1 : 0);
        HardwareWish hardware = launch.hardware();
        out.number(
                "GPU",
                (hardware.withoutGpu() ? 8 : 0)
                        + (hardware.gpus().contains(HardwareWish.Gpu.NVIDIA) ? 1 : 0)
                        + (hardware.gpus().contains(HardwareWish.Gpu.AMD) ? 2 : 0)
                        + (hardware.gpus().contains(HardwareWish.Gpu.INTEL) ? 4 : 0));
        hardware.gpuDevices().forEach(device -> out.put("GPU_DEVICE", device));
        hardware.transports().forEach(transport -> out.put("TRANSPORT", transport));
        launch.networks().names().forEach(name -> out.put("NETWORK", name));
        launch.networks().ports().forEach(port -> out.put("PORT", port));
        return out.lines;
    }

    private static List<String> plan(LaunchPlan plan) {
        Described out = new Described(Kind.PLAN);
        out.put("DRIVER", plan.driver().number());
        out.put("SOURCE", plan.storeCopy().isPresent() ? 2 : 1);
        plan.storeCopy().ifPresent(digest -> out.put("STORE_DIGEST", digest.hex()));
        out.put("FS_OFFSET", Long.toUnsignedString(plan.fsOffset()));
        out.put("FS_SIZE", Long.toUnsignedString(plan.fsSize()));
        out.put("VIEW", ViewPart.toBits(plan.view()));
        out.binds("BIND", plan.binds());
        out.put("WORKDIR", plan.workdir());
        plan.environment().forEach(env -> out.put("ENV", env.name() + "=" + env.value()));
        out.put("ENV_SCRIPTS", plan.environmentScripts() ? 1 : 0).put("DECISION", plan.decision());
        plan.notices().forEach(notice -> out.put("NOTICE", notice));
        out.confinement(plan.confinement());
        plan.slurmCommands().forEach(command -> out.put("SLURM_COMMAND", command));
        out.number("MPI_GUARD", plan.mpiGuard() ? 1 : 0);
        out.binds("HOST_FILE", plan.hostFiles().files());
        out.binds("HOST_SHIM", plan.hostFiles().shims());
        return out.lines;
    }

    private void binds(String name, List<Bind> binds) {
        binds.forEach(bind -> put(name, bind.flags() + " " + bind.source() + '\0' + bind.target()));
    }

    private Described confinement(Confinement confinement) {
        number("CAPABILITIES", confinement.capabilities());
        number("USER_NAMESPACES", confinement.userNamespacesBarred() ? 1 : 0);
        number("NETWORK", confinement.ownNetwork() ? 1 : 0);
        confinement.devices().forEach(device -> put("DEVICE", device));
        confinement.seccomp().ifPresent(name -> put("SECCOMP", name));
        number("PIDS_MAX", confinement.pidsMax().orElse(0));
        number("MEMORY_MAX", confinement.memoryMax().orElse(0));
        number("ENV_FILTER", confinement.passedVariables().isPresent() ? 1 : 0);
        confinement.passedVariables().orElse(List.of()).forEach(pattern -> put("ENV_PASS", pattern));
        number("NO_HOST_PROGRAMS", confinement.hostProgramsBarred() ? 1 : 0);
        confinement.networks().names().forEach(name -> put("NETWORK_NAME", name));
        confinement.networks().ports().forEach(port -> put("PORT", port));
        return this;
    }

    /** 0 is written by leaving it out. */
    private void number(String name, long value) {
        if (value != 0) {
            put(name, Long.toUnsignedString(value));
        }
    }

    private Described put(String name, Object value) {
        String text = value.toString();
        for (Map.Entry<String, String> escape : ESCAPES) {
            text = text.replace(escape.getKey(), escape.getValue());
        }
        lines.add((name + " = " + text).strip());
        return this;
    }

    private static final List<Map.Entry<String, String>> ESCAPES =
            List.of(Map.entry("\\", "\\\\"), Map.entry("\n", "\\n"), Map.entry("\t", "\\t"), Map.entry("\0", "\\0"));
}
