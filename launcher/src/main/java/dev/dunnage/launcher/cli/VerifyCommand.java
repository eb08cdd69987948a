package dev.dunnage.launcher.cli;

import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.SifFormatException;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.verify.SifVerifier;
import dev.dunnage.sif.verify.Verification;
import dev.dunnage.sif.verify.VerifyScope;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dunnage verify}. */
@Command(
        name = "verify",
        description = {
            "Verifies the signatures of images.",
            "Accepted means: every object of the image is signed, every signature is good, and every signer's key is"
                    + " trusted. Whether an image may run is the site's policy's word: see dunnage policy check.",
            "Exit status 0 when every image is accepted, 1 otherwise."
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class VerifyCommand extends BaseCommand {
    @Parameters(paramLabel = "IMAGE", arity = "1..*", description = "SIF files.")
    private List<Path> images;

    @Mixin
    private TrustOptions trust;

    @Option(
            names = "--legacy",
            description = "Accept signatures made before Singularity 3.6, and look at no others. They cover contents"
                    + " only, and unless a group or an object is named those of the root file system only.")
    private boolean legacy;

    @Option(
            names = {"-g", "--group-id"},
            paramLabel = "N",
            description = "Look at this group of objects only, and at the signatures over it.")
    private Optional<Long> group = Optional.empty();

    @Option(
            names = {"-i", "--sif-id"},
            paramLabel = "N",
            description = "Look at this object only; a signature over it alone counts too.")
    private Optional<Long> object = Optional.empty();

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() throws Exception {
        VerifyScope scope = scope();
        SifVerifier verifier = trust.verifier();
        boolean allAccepted = true;
        for (Path image : images) {
            VerifyOutcome outcome = verify(verifier, scope, image);
            print(outcome);
            allAccepted &= outcome.accepted();
        }
        return allAccepted ? 0 : 1;
    }

    private VerifyScope scope() throws CommandFailure {
        if (group.isPresent() && object.isPresent()) {
            throw new CommandFailure(2, "--group-id and --sif-id exclude each other; give one of them");
        }
        if (object.isPresent()) {
            return new VerifyScope.SingleObject(object.get());
        }
        return group.isPresent() ? new VerifyScope.Group(group.get()) : new VerifyScope.Image();
    }

    private VerifyOutcome verify(SifVerifier verifier, VerifyScope scope, Path path) {
        try (OpenedImage opened = OpenedImage.open(path)) {
            ImageBytes bytes = opened.bytes();
            SifImage image = SifImage.read(bytes);
            Verification found =
                    legacy ? verifier.verifyLegacy(image, bytes, scope) : verifier.verify(image, bytes, scope);
            return VerifyOutcome.of(path, found.rejection(), found.signatures());
        } catch (SifFormatException e) {
            return VerifyOutcome.damaged(path, String.valueOf(e.getMessage()));
        } catch (CommandFailure e) {
            return VerifyOutcome.unreadable(path, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            return VerifyOutcome.unreadable(
                    path, "it cannot be read (" + e.getMessage() + "); check its file system, or who is changing it");
        }
    }

    private void print(VerifyOutcome outcome) {
        if (json.wanted()) {
            out().println(JsonLine.of(outcome.members()));
        } else {
            outcome.lines().forEach(out()::println);
        }
    }
}
