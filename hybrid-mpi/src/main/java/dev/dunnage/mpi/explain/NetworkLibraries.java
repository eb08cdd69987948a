package dev.dunnage.mpi.explain;

import dev.dunnage.mpi.facts.TreeFacts;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;

/**
 * The libraries of networks that MPI programs of a container would find.
 *
 * @param owner whose they are, in words
 * @param names by which programs ask for them, such as {@code libucp.so.0}
 */
public record NetworkLibraries(String owner, Set<String> names) {

    /** Copies the names. */
    public NetworkLibraries {
        names = Set.copyOf(names);
    }

    /** Those of an image; none when it cannot be looked into. */
    public static NetworkLibraries ofImage(Optional<TreeFacts> image) {
        return new NetworkLibraries(
                "the image", image.map(facts -> facts.fabrics().keySet()).orElse(Set.of()));
    }

    /** Those that come with the nodes' MPI, or that it uses of the image. */
    public static NetworkLibraries ofNodes(Collection<String> names) {
        return new NetworkLibraries("the nodes' MPI", Set.copyOf(names));
    }

    boolean have(String name) {
        return names.contains(name);
    }
}
