package dev.dunnage.launcher.plan;

import dev.dunnage.launcher.hints.HintCheck;
import dev.dunnage.launcher.hints.HintsException;
import dev.dunnage.launcher.hints.LaunchHints;
import dev.dunnage.launcher.hints.NodeOffer;
import dev.dunnage.launcher.wire.Code;
import dev.dunnage.launcher.wire.LaunchRequest;
import dev.dunnage.sif.SifFormatException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Whether a step can do what the image says that it needs. Images without such hints cost nothing here. */
final class Suitability {
    private final NodeOffer node;

    Suitability(NodeOffer node) {
        this.node = node;
    }

    /**
     * Lines that the user should see.
     *
     * @param guarded whether MPI programs must find all ranks
     * @throws RefusedException when the step cannot do what the image needs
     */
    List<String> check(LaunchRequest request, boolean guarded, ImageInHand image) throws RefusedException, IOException {
        if (request.rootless()) {
            return List.of();
        }
        Optional<LaunchHints> hints;
        try {
            hints = LaunchHints.of(image.structure().image(), image.bytes());
        } catch (HintsException e) {
            return List.of("the launch hints of image " + image.shownName() + " are passed over: " + e.getMessage());
        } catch (SifFormatException e) {
            throw new RefusedException(Code.IMAGE_BAD, "image " + image.shownName() + ": " + e.getMessage(), e);
        }
        if (hints.isEmpty()) {
            return List.of();
        }
        HintCheck check = new HintCheck(hints.get());
        Optional<String> objection = guarded ? check.pmi(request.mpiType(), request.stepTasks()) : Optional.empty();
        if (objection.isEmpty()) {
            objection = check.node(node, request.uid(), request.jobId());
        }
        if (objection.isPresent()) {
            throw new RefusedException(
                    Code.REQUEST,
                    "image " + image.shownName() + " cannot run in this step by its launch hints: " + objection.get());
        }
        return List.of();
    }
}
