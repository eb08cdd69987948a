package dev.dunnage.launcher.mpi;

import dev.dunnage.mpi.facts.TreeFacts;
import dev.dunnage.mpi.facts.TreeScan;
import dev.dunnage.mpi.tree.TreePaths;
import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.SifFormatException;
import dev.dunnage.sif.SifObject;
import java.io.IOException;
import java.util.Optional;

/** Looks for MPI in an image. */
public final class ImageScan {
    private ImageScan() {}

    /**
     * Looks through the root file system; empty when that is of a kind that cannot be looked into, such as an encrypted
     * one.
     */
    public static Optional<TreeFacts> of(ImageBytes bytes, SifObject root) throws IOException, SifFormatException {
        Optional<ImageTree> tree = ImageTree.open(bytes, root);
        return tree.isEmpty() ? Optional.empty() : Optional.of(TreeScan.image(new TreePaths(tree.get())));
    }
}
