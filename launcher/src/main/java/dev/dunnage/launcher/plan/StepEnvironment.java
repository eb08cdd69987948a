package dev.dunnage.launcher.plan;

import dev.dunnage.launcher.wire.EnvironmentVariable;
import dev.dunnage.launcher.wire.LaunchRequest;
import dev.dunnage.mpi.PmiWiring;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** Variables that tell programs where they are, in the names of this product and of those that scripts look for. */
final class StepEnvironment {
    private StepEnvironment() {}

    static List<EnvironmentVariable> of(LaunchRequest request, PmiWiring wiring) {
        String path = request.imagePath();
        String name = path.substring(path.lastIndexOf('/') + 1);
        List<EnvironmentVariable> variables = new ArrayList<>();
        for (String product : List.of("DUNNAGE", "APPTAINER", "SINGULARITY")) {
            variables.add(new EnvironmentVariable(product + "_CONTAINER", path));
            variables.add(new EnvironmentVariable(product + "_NAME", name));
        }
        new TreeMap<>(wiring.environment()).forEach((key, value) -> variables.add(new EnvironmentVariable(key, value)));
        return variables;
    }
}
