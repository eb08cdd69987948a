package dev.dunnage.launcher.hints;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What this node has for a job, from files that every account may read.
 *
 * @param root root directory of the machine
 */
public record NodeOffer(Path root) {
    private static final Pattern TOTAL = Pattern.compile("(?m)^MemTotal:\\s+([0-9]{1,15}) kB");

    /** This node. */
    public static NodeOffer here() {
        return new NodeOffer(Path.of("/"));
    }

    /** Whether a GPU of this maker has its driver; of others nobody knows. */
    boolean hasGpu(String maker) {
        return switch (maker) {
            case "nvidia" -> Files.exists(root.resolve("proc/driver/nvidia/version"));
            case "amd" -> Files.exists(root.resolve("sys/module/amdgpu"));
            default -> true;
        };
    }

    /** Memory that the job may use here: that of the machine, or less where Slurm limits the job by a cgroup. */
    OptionalLong memory(long uid, long job) {
        OptionalLong least = text("proc/meminfo")
                .map(TOTAL::matcher)
                .filter(Matcher::find)
                .map(found -> OptionalLong.of(Long.parseLong(found.group(1)) << 10))
                .orElse(OptionalLong.empty());
        for (String group : List.of(
                "sys/fs/cgroup/system.slice/slurmstepd.scope/job_" + job + "/memory.max",
                "sys/fs/cgroup/memory/slurm/uid_" + uid + "/job_" + job + "/memory.limit_in_bytes")) {
            Optional<String> limit = text(group).map(String::strip).filter(text -> text.matches("[0-9]{1,18}"));
            if (limit.isPresent()) {
                long bytes = Long.parseLong(limit.get());
                least = OptionalLong.of(Math.min(bytes, least.orElse(bytes)));
            }
        }
        return least;
    }

    private Optional<String> text(String path) {
        try {
            return Optional.of(Files.readString(root.resolve(path), StandardCharsets.US_ASCII));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
