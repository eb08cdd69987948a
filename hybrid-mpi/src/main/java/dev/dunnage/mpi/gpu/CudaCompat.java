package dev.dunnage.mpi.gpu;

import dev.dunnage.mpi.tree.TreePaths;
import java.io.IOException;
import java.util.Optional;

/**
 * CUDA's libraries for drivers that are older than the image's CUDA, which images may hold.
 *
 * @param directory where they are
 * @param version of the driver whose place they take
 */
public record CudaCompat(String directory, DriverVersion version) {

    /** The newest of an image. */
    public static Optional<CudaCompat> of(TreePaths image) throws IOException {
        Optional<CudaCompat> best = Optional.empty();
        for (String name : image.names("/usr/local")) {
            if (!name.matches("cuda(?:-[0-9.]+)?")) {
                continue;
            }
            String directory = "/usr/local/" + name + "/compat";
            for (String file : image.names(directory)) {
                Optional<DriverVersion> version =
                        file.startsWith("libcuda.so.") ? DriverVersion.ofFile(file) : Optional.empty();
                if (version.isPresent()
                        && (best.isEmpty() || version.get().compareTo(best.get().version()) > 0)) {
                    best = Optional.of(new CudaCompat(directory, version.get()));
                }
            }
        }
        return best;
    }
}
