package dev.dunnage.launcher.cli;

import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.SifFormatException;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.verify.SifVerifier;
import dev.dunnage.sif.verify.Verification;
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
            description = "Accept signatures made before Singularity 3.6, and look at no others. They cover the content"
                    + " of the root file system and nothing else.")
    private boolean legacy;

    @Option(
            names = {"-g", "--group-id"},
            paramLabel = "N",
            description = "Demand signatures over this group of objects only.")
    private Optional<Long> group = Optional.empty();

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() throws Exception {
        if (legacy && group.isPresent()) {
            throw new CommandFailure(2, "--legacy is about the root file system; leave --group-id out");
        }
        SifVerifier verifier = trust.verifier();
        boolean allAccepted = true;
        for (Path image : images) {
            VerifyOutcome outcome = verify(verifier, image);
            print(outcome);
            allAccepted &= outcome.accepted();
        }
        return allAccepted ? 0 : 1;
    }

    private VerifyOutcome verify(SifVerifier verifier, Path path) {
        try (OpenedImage opened = OpenedImage.open(path)) {
            ImageBytes bytes = opened.bytes();
            SifImage image = SifImage.read(bytes);
            Verification found = legacy ? verifier.verifyLegacy(image, bytes) : verifier.verify(image, bytes);
            if (group.isPresent()) {
                GroupScope scope = new GroupScope(image, group.get());
                return VerifyOutcome.of(path, scope.rejection(found), scope.signatures(found));
            }
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
