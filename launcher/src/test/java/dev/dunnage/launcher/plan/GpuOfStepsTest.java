package dev.dunnage.launcher.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dunnage.launcher.fixture.TestSite;
import dev.dunnage.launcher.wire.Code;
import dev.dunnage.launcher.wire.HardwareWish;
import dev.dunnage.launcher.wire.LaunchPlan;
import dev.dunnage.launcher.wire.LaunchRequest;
import dev.dunnage.launcher.wire.Reply;
import dev.dunnage.launcher.wire.ViewPart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On a fake machine: no GPU takes part. */
class GpuOfStepsTest extends PlannerBed {
    private static final List<String> AMD = List.of("/dev/kfd", "/dev/dri/renderD128");
    private Path image = Path.of("unset");

    GpuOfStepsTest() {
        life = SiteFiles.Life.SHORT;
    }

    @BeforeEach
    void prepareImage() throws Exception {
        image = site.image("a.sif");
        machine = Files.createDirectory(temporary.resolve("machine"));
        Files.createDirectories(machine.resolve("proc"));
        Files.writeString(machine.resolve("proc/cpuinfo"), "flags : fpu\n");
        Files.createDirectories(machine.resolve("sys/dev/char"));
        Files.createDirectories(machine.resolve("sys/dev/block"));
        rules("  - name: any", "    mode: open");
    }

    private Reply asked(Set<HardwareWish.Gpu> gpus, List<String> devices, String... transports) throws IOException {
        return asked(TestSite.request(image), gpus, devices, transports);
    }

    private Reply asked(LaunchRequest from, Set<HardwareWish.Gpu> gpus, List<String> devices, String... transports)
            throws IOException {
        return plan(image, TestSite.wishing(from, new HardwareWish(gpus, false, devices, List.of(transports))));
    }

    private void settings(String line) throws IOException {
        Files.writeString(site.root().resolve("dunnage.yaml"), "version: 1\n" + line + "\n");
    }

    @Test
    void theDevicesOfTheStepAreShownAndNoOthers() throws IOException {
        LaunchPlan plan = (LaunchPlan) asked(Set.of(HardwareWish.Gpu.AMD), AMD);
        assertThat(plan.view()).doesNotContain(ViewPart.DEV);
        assertThat(plan.confinement().devices())
                .contains("/dev/kfd", "/dev/dri/renderD128", "/dev/infiniband")
                .noneMatch(device -> device.startsWith("/dev/nvidia") || device.equals("/dev/dri"));
        assertThat(plan.notices()).isEmpty();
    }

    @Test
    void nothingChangesForWhoSaysNothing() throws IOException {
        LaunchPlan plan = (LaunchPlan) asked(Set.of(), AMD);
        assertThat(plan.view()).contains(ViewPart.DEV);
        settings("gpu: auto");
        plan = (LaunchPlan) asked(Set.of(), AMD);
        assertThat(plan.confinement().devices()).contains("/dev/kfd");
    }

    @Test
    void aStepWithoutTheGpuIsRefusedAndACommandWarned() throws IOException {
        assertRefused(
                asked(Set.of(HardwareWish.Gpu.NVIDIA), List.of("/dev/nvidiactl")),
                Code.REQUEST,
                "--container-nv: this step was given none of the NVIDIA GPUs of node n1",
                "--gres=gpu:1");
        assertRefused(asked(Set.of(HardwareWish.Gpu.NVIDIA), List.of()), Code.REQUEST, "has no NVIDIA GPU");
        settings("gpu-absent: warn");
        assertThat(((LaunchPlan) asked(Set.of(HardwareWish.Gpu.NVIDIA), List.of())).notices())
                .singleElement()
                .asString()
                .contains("starts without one");
        LaunchPlan command =
                (LaunchPlan) asked(TestSite.rootlessRequest(image), Set.of(HardwareWish.Gpu.AMD), List.of());
        assertThat(command.notices()).singleElement().asString().startsWith("--rocm: ");
        assertThat(command.view()).contains(ViewPart.DEV);
    }

    @Test
    void aDriverThatCannotWorkIsRefused() throws IOException {
        assertRefused(
                asked(Set.of(HardwareWish.Gpu.NVIDIA), List.of("/dev/nvidia0", "/dev/nvidiactl")),
                Code.SETUP,
                "--container-nv, node n1",
                "libcuda.so.1");
    }

    @Test
    void theRuleDecides() throws IOException {
        rules("  - name: no gpus", "    mode: open", "    grant: {gpu: false}");
        assertRefused(
                asked(Set.of(HardwareWish.Gpu.AMD), AMD), Code.POLICY, "gpu: false", "'no gpus'", "policy.yaml:3");
        rules("  - name: few", "    mode: open", "    grant: {devices: [/dev/kfd]}");
        assertRefused(asked(Set.of(HardwareWish.Gpu.AMD), AMD), Code.POLICY, "'devices' name no AMD GPU", "'few'");
        rules("  - name: these", "    mode: open", "    grant: {devices: [/dev/kfd, /dev/dri/renderD128]}");
        assertThat(((LaunchPlan) asked(Set.of(HardwareWish.Gpu.AMD), AMD))
                        .confinement()
                        .devices())
                .containsExactly("/dev/dri/renderD128", "/dev/kfd");
    }

    @Test
    void aTransportIsThereOrTheStepIsRefused() throws IOException {
        assertRefused(
                asked(Set.of(), List.of(), "shm", "opa"),
                Code.REQUEST,
                "--container-require-transport=opa: the node has no /dev/hfi1 (node n1, image ",
                "choose other nodes");
        assertRefused(asked(Set.of(), List.of(), "gpu"), Code.REQUEST, "transport=gpu: there is no GPU");
        assertThat(asked(Set.of(), AMD, "gpu", "shm", "cma")).isInstanceOf(LaunchPlan.class);
        Files.createDirectories(machine.resolve("proc/sys/kernel/yama"));
        Files.writeString(machine.resolve("proc/sys/kernel/yama/ptrace_scope"), "1\n");
        assertRefused(asked(Set.of(), AMD, "cma"), Code.REQUEST, "ptrace_scope is 1");
    }
}
