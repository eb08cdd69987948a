package dev.dunnage.launcher.mpi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dunnage.policy.MpiProfile;
import dev.dunnage.policy.OwnershipRule;
import dev.dunnage.policy.SiteConfigLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostProfileTest {
    @TempDir
    Path temporary;

    @Test
    void whatIsWrittenIsReadTheSame() throws Exception {
        MpiProfile profile = new MpiProfile(
                List.of("pmix", "pmi2"),
                Optional.of("4.2.2rc2"),
                Optional.of("2.36"),
                List.of(
                        new MpiProfile.Installation(
                                "openmpi",
                                Optional.of("4.1"),
                                Path.of("/opt/my mpi: \"new\" #1/lib/libmpi.so.40"),
                                Optional.of("2.34"),
                                List.of(Path.of("/opt/bin/mpirun"), Path.of("/opt/bin/mpiexec"))),
                        new MpiProfile.Installation(
                                "unknown", Optional.empty(), Path.of("/a"), Optional.empty(), List.of())),
                List.of(new MpiProfile.ComponentSet(
                        "ucx", Path.of("/usr/lib/ucx"), Optional.empty(), List.of(Path.of("/usr/lib/libucp.so.0")))));
        Path file = Files.writeString(temporary.resolve("dunnage.yaml"), "version: 1\n" + HostProfile.yaml(profile));

        assertThat(new SiteConfigLoader(OwnershipRule.any()).load(file).mpi()).contains(profile);
    }
}
