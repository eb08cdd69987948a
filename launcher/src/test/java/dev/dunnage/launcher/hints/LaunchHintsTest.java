package dev.dunnage.launcher.hints;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LaunchHintsTest {
    @TempDir
    Path root;

    private static LaunchHints parse(String json) throws HintsException {
        return LaunchHints.parse(json.getBytes(StandardCharsets.UTF_8));
    }

    private void put(String path, String content) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    @Test
    void everyMemberIsRead() throws HintsException {
        assertThat(
                        parse(
                                "{\"version\":1,\"mpi\":\"openmpi\",\"pmi\":[\"pmix\"],\"gpu\":\"nvidia\",\"memory\":\"4GiB\"}"))
                .isEqualTo(new LaunchHints(
                        Optional.of("openmpi"), List.of("pmix"), Optional.of("nvidia"), OptionalLong.of(4L << 30)));
        assertThat(parse("{\"version\":1}"))
                .isEqualTo(new LaunchHints(Optional.empty(), List.of(), Optional.empty(), OptionalLong.empty()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[]|no JSON object",
                "{\"version\":1|no JSON object",
                "{}|member version must be 1",
                "{\"version\":2}|member version must be 1",
                "{\"version\":1,\"cpu\":4}|unknown member 'cpu' (allowed: version, mpi, pmi, gpu, memory)",
                "{\"version\":1,\"mpi\":\"lam\"}|member mpi must be one of",
                "{\"version\":1,\"pmi\":\"pmix\"}|member pmi must be a list of pmix, pmi2",
                "{\"version\":1,\"pmi\":[\"pmi9\"]}|member pmi must be a list",
                "{\"version\":1,\"gpu\":true}|member gpu must be one of nvidia, amd",
                "{\"version\":1,\"memory\":4096}|member memory must be a size",
                "{\"version\":1,\"memory\":\"0GiB\"}|member memory must be a size",
            })
    void whatIsWrongIsNamed(String json, String message) {
        assertThatThrownBy(() -> parse(json)).isInstanceOf(HintsException.class).hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource({
        "pmix,pmix,4,true",
        "pmix,pmix_v4,4,true",
        "pmix,pmi2,4,false",
        "pmix,none,4,false",
        "pmix,none,1,true",
        "pmi2,pmi2,2,true",
    })
    void theStepMustHaveAPmiThatIsNamed(String hint, String type, long tasks, boolean fits) throws HintsException {
        HintCheck check = new HintCheck(parse("{\"version\":1,\"mpi\":\"mpich\",\"pmi\":[\"" + hint + "\"]}"));

        Optional<String> objection = check.pmi(Optional.of(type), tasks);

        assertThat(objection.isEmpty()).isEqualTo(fits);
        objection.ifPresent(text -> assertThat(text).contains("(mpich)").contains("use srun --mpi=" + hint));
    }

    @Test
    void memoryIsThatOfTheJobOnTheNode() throws Exception {
        HintCheck check = new HintCheck(parse("{\"version\":1,\"memory\":\"2GiB\"}"));
        NodeOffer node = new NodeOffer(root);
        assertThat(check.node(node, 1000, 7)).isEmpty();

        put("proc/meminfo", "MemTotal:        4194304 kB\nMemFree: 1 kB\n");
        assertThat(check.node(node, 1000, 7)).isEmpty();

        put("sys/fs/cgroup/memory/slurm/uid_1000/job_7/memory.limit_in_bytes", "1073741824\n");
        assertThat(check.node(node, 1000, 7).orElse(""))
                .contains("2048 MiB")
                .contains("1024 MiB")
                .contains("--mem");
        assertThat(check.node(node, 1000, 8)).isEmpty();

        put("sys/fs/cgroup/system.slice/slurmstepd.scope/job_8/memory.max", "max\n");
        assertThat(check.node(node, 1000, 8)).isEmpty();
    }

    @Test
    void aGpuIsTheDriverOfItsMaker() throws Exception {
        HintCheck check = new HintCheck(parse("{\"version\":1,\"gpu\":\"nvidia\"}"));

        assertThat(check.node(new NodeOffer(root), 1, 1).orElse(""))
                .contains("GPU of nvidia")
                .contains("--gres");

        put("proc/driver/nvidia/version", "NVRM version\n");
        assertThat(check.node(new NodeOffer(root), 1, 1)).isEmpty();
    }
}
