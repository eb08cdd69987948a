package dev.dunnage.launcher.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.dunnage.mpi.gpu.GpuMaker;
import dev.dunnage.mpi.tree.HostTree;
import dev.dunnage.mpi.tree.TreePaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Descriptions as NVIDIA's tool writes them, on a fake tree: no GPU takes part. */
class DriverFilesTest {
    private static final Path ANY = Path.of("/usr/lib/x86_64-linux-gnu/libutil.so.1");
    private static final String LIB = "/usr/lib/x86_64-linux-gnu/";
    private static final String SPEC = """
            cdiVersion: 0.5.0
            kind: nvidia.com/gpu
            devices:
            - name: "0"
              containerEdits:
                deviceNodes:
                - path: /dev/nvidia0
                env: ["FIRST=yes"]
            - name: "1"
              containerEdits:
                deviceNodes:
                - {path: /dev/nvidia1, hostPath: /dev/nvidia1, permissions: rw}
                env: ["SECOND=yes"]
            - name: "0:0"
              containerEdits:
                deviceNodes: [{path: /dev/nvidia0}, {path: /dev/nvidia-caps/nvidia-cap21}]
                env: ["INSTANCE=yes"]
            - name: all
              containerEdits:
                deviceNodes: [{path: /dev/nvidia0}, {path: /dev/nvidia1}]
                env: ["ALL=yes"]
            containerEdits:
              env: [NVIDIA_VISIBLE_DEVICES=void]
              deviceNodes:
              - path: /dev/nvidiactl
              hooks:
              - hookName: createContainer
                path: /usr/bin/nvidia-ctk
                args: [nvidia-ctk, hook, create-symlinks, --link, libcuda.so.1::/usr/lib/x86_64-linux-gnu/libcuda.so,
                  --link, libcuda.so.550.54.15::/usr/lib/x86_64-linux-gnu/libcuda.so.1]
              - {hookName: createContainer, path: /usr/bin/nvidia-ctk, args: [nvidia-ctk, hook, update-ldcache, --folder, /x]}
              - {hookName: createContainer, path: /usr/bin/nvidia-cdi-hook, args: [nvidia-cdi-hook, chmod, --mode, "755"]}
              mounts:
              - {hostPath: LIBlibcuda.so.550.54.15, containerPath: LIBlibcuda.so.550.54.15, options: [ro, bind]}
              - {hostPath: /usr/bin/nvidia-smi, containerPath: /usr/bin/nvidia-smi, type: bind}
            """.replace("LIBlib", LIB + "lib");

    @TempDir
    Path root;

    private void put(String path, String content) throws IOException {
        Path file = root.resolve(path.substring(1));
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private DriverFiles files(String... given) throws Exception {
        put("/proc/cpuinfo", "flags\t\t: fpu\n");
        return DriverFiles.of(new TreePaths(new HostTree(root)), GpuMaker.NVIDIA, List.of(given));
    }

    private void prepare(String spec) throws IOException {
        assumeTrue(Files.exists(ANY), "SKIPPED: this machine has no " + ANY);
        put("/etc/cdi/nvidia.yaml", spec);
        put("/usr/bin/nvidia-smi", "");
        put(LIB + "libcuda.so.550.54.15", "");
        Files.write(root.resolve((LIB + "libcuda.so.550.54.15").substring(1)), Files.readAllBytes(ANY));
    }

    @Test
    void whatTheDescriptionSaysIsCarriedOutForTheDevicesOfTheStep() throws Exception {
        prepare(SPEC);
        DriverFiles files = files("/dev/nvidia1", "/dev/nvidiactl");
        String file = LIB + "libcuda.so.550.54.15";
        assertThat(files.environment()).isEqualTo(Map.of("NVIDIA_VISIBLE_DEVICES", "void", "SECOND", "yes"));
        assertThat(files.libraries())
                .isEqualTo(Map.of(
                        "libcuda.so.550.54.15", file, "libutil.so.1", file, "libcuda.so.1", file, "libcuda.so", file));
        assertThat(files.others()).isEqualTo(Map.of("/usr/bin/nvidia-smi", "/usr/bin/nvidia-smi"));
        assertThat(files("/dev/nvidia0", "/dev/nvidia-caps/nvidia-cap21").environment())
                .containsOnlyKeys("NVIDIA_VISIBLE_DEVICES", "FIRST", "INSTANCE");
        assertThat(files("/dev/nvidia0", "/dev/nvidia1").environment()).containsKeys("FIRST", "SECOND", "ALL");
    }

    @Test
    void aGeneratedDescriptionInJsonTakesThePlaceOfTheSites() throws Exception {
        prepare(SPEC);
        put("/var/run/cdi/nvidia.json", """
                {"cdiVersion": "0.6.0", "kind": "nvidia.com/gpu", "devices": [{"name": "1", "containerEdits":
                  {"deviceNodes": [{"path": "/dev/nvidia1"}], "env": ["GENERATED=1"]}}]}""");
        assertThat(files("/dev/nvidia1").environment()).isEqualTo(Map.of("GENERATED", "1"));
    }

    @Test
    void anotherMakersDescriptionIsOfNoInterest() throws Exception {
        put("/etc/cdi/other.json", "{\"kind\": \"vendor.com/net\", \"unheard\": 1}");
        assertThatThrownBy(() -> {
                    put("/proc/driver/nvidia/version", "NVRM version: NVIDIA UNIX x86_64 Kernel Module  1.2  x\n");
                    files("/dev/nvidia0");
                })
                .isInstanceOf(CdiException.class)
                .hasMessageContaining("finds no libcuda.so.1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "options: [ro, bind]; options: [ro], propagation: x; field 'propagation'",
                "hookName: createContainer, path: /usr/bin/nvidia-ctk; hookName: createContainer, path: /tmp/x; would run /tmp/x",
                "hook, update-ldcache; hook, do-something; nvidia-ctk do-something",
                "hostPath: /dev/nvidia1; hostPath: /dev/other; gives device /dev/other the name /dev/nvidia1",
                "type: bind}; type: tmpfs}; only bind is offered",
                "hostPath: /usr/bin/nvidia-smi; hostPath: /usr/bin/gone; names /usr/bin/gone, which is absent",
                "cdiVersion: 0.5.0; cdiVersion: 2.0.0; reads 0 and 1",
                "cdiVersion: 0.5.0; cdiVersion: [0.5.0; neither JSON nor YAML",
                "NVIDIA_VISIBLE_DEVICES=void; 9=x; no NAME=VALUE",
                "kind: nvidia.com/gpu; sort: nvidia.com/gpu; field 'sort'",
                "containerPath: /usr/bin/nvidia-smi; containerPath: /usr/../bin/x; no absolute path",
            })
    void whatCannotBeCarriedOutIsAnError(String sound, String broken, String said) throws Exception {
        assertThat(SPEC).contains(sound);
        prepare(SPEC.replace(sound, broken));
        assertThatThrownBy(() -> files("/dev/nvidia1"))
                .isInstanceOf(CdiException.class)
                .hasMessageContaining(said)
                .hasMessageContaining("cdi")
                .message()
                .doesNotContain("\n");
    }
}
