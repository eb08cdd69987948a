package dev.dunnage.launcher.registry;

import java.util.Set;

/** Media types of the OCI image specification, of Docker, and of SIF images as Apptainer pushes and pulls them. */
public final class MediaTypes {
    /** A manifest of the OCI image specification. */
    public static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    /** An index of the OCI image specification. */
    public static final String INDEX = "application/vnd.oci.image.index.v1+json";
    /** The configuration of a pushed SIF image: an empty blob. */
    public static final String SIF_CONFIG = "application/vnd.sylabs.sif.config.v1+json";
    /** A SIF file. */
    public static final String SIF_LAYER = "application/vnd.sylabs.sif.layer.v1.sif";

    private static final String DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
    private static final String DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json";
    /** What old versions of ORAS and Singularity wrote. */
    private static final String OLD_SIF_LAYER = "appliciation/vnd.sylabs.sif.layer.tar";

    static final String ACCEPT = String.join(", ", MANIFEST, INDEX, DOCKER_MANIFEST, DOCKER_LIST);

    private MediaTypes() {}

    static boolean isIndex(String type) {
        return type.equals(INDEX) || type.equals(DOCKER_LIST);
    }

    static boolean isManifest(String type) {
        return type.equals(MANIFEST) || type.equals(DOCKER_MANIFEST);
    }

    /** Whether a layer is a SIF file. */
    public static boolean isSif(String type) {
        return Set.of(SIF_LAYER, OLD_SIF_LAYER, "application/vnd.sylabs.sif.layer.tar")
                .contains(type);
    }
}
