package dev.dunnage.launcher.submit;

import dev.dunnage.launcher.accounts.Accounts;
import dev.dunnage.launcher.hints.HintCheck;
import dev.dunnage.launcher.hints.HintsException;
import dev.dunnage.launcher.hints.LaunchHints;
import dev.dunnage.launcher.plan.Judgement;
import dev.dunnage.launcher.plan.PolicyFile;
import dev.dunnage.launcher.plan.PolicyTrial;
import dev.dunnage.launcher.plan.RefusedException;
import dev.dunnage.launcher.plan.SiteKeys;
import dev.dunnage.launcher.plan.SitePaths;
import dev.dunnage.launcher.store.OpenImage;
import dev.dunnage.policy.Considered;
import dev.dunnage.policy.Decision;
import dev.dunnage.policy.ImageFacts;
import dev.dunnage.policy.OwnershipRule;
import dev.dunnage.policy.Policy;
import dev.dunnage.policy.SiteConfigLoader;
import dev.dunnage.policy.SiteFileException;
import dev.dunnage.policy.Subject;
import dev.dunnage.sif.Architecture;
import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.SifFormatException;
import dev.dunnage.sif.SifImage;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Looks at an image as the nodes will, with the files of the machine that submits. It says nothing where only the nodes
 * can tell: a rule that looks at the job's account or partition, a policy that is not here or not readable.
 */
public final class SubmitCheck {
    private final SitePaths site;
    private final OwnershipRule owner;
    private final Accounts accounts;

    /** A check with the files of this site. */
    public SubmitCheck(SitePaths site, OwnershipRule owner, Accounts accounts) {
        this.site = site;
        this.owner = owner;
        this.accounts = accounts;
    }

    /**
     * What the submission says about MPI.
     *
     * @param type Slurm's name of the MPI plug-in of its steps, when it is known
     * @param tasks tasks of its step, when they are known
     */
    public record MpiWords(Optional<String> type, OptionalLong tasks) {}

    /**
     * What came of it.
     *
     * @param objection why the job would fail, with the cure
     * @param advice what the user may want to know
     */
    public record Outcome(Optional<String> objection, List<String> advice) {
        /** Copies the list. */
        public Outcome {
            advice = List.copyOf(advice);
        }

        private static Outcome objection(String text) {
            return new Outcome(Optional.of(text), List.of());
        }
    }

    /** Looks at the image. */
    public Outcome of(Path image, MpiWords mpi) throws IOException {
        if (!Files.exists(image)) {
            return Outcome.objection("image " + image + " does not exist here; check the path");
        }
        if (!Files.isRegularFile(image)) {
            return Outcome.objection(image + " is not a regular file; give the path of a SIF file");
        }
        if (!Files.isReadable(image)) {
            return Outcome.objection("image " + image + " may not be read by you; ask its owner");
        }
        try (FileChannel channel = FileChannel.open(image)) {
            ImageBytes bytes = ImageBytes.of(channel);
            SifImage sif = SifImage.read(bytes);
            sif.checkRunnable(Architecture.host(), bytes);
            Optional<String> refusal = refusal(image, new OpenImage(bytes, image));
            return refusal.isPresent() ? new Outcome(refusal, List.of()) : hints(image, sif, bytes, mpi);
        } catch (SifFormatException e) {
            return Outcome.objection("image " + image + ": " + e.getMessage());
        }
    }

    private Optional<String> refusal(Path image, OpenImage open) throws IOException {
        try {
            Policy policy = PolicyFile.load(site, owner);
            Path keys = new SiteConfigLoader(owner).load(site.config()).keys();
            Subject subject = SubmittingUser.subject(accounts);
            ImageFacts place = ImageFacts.at(image.toRealPath());
            SiteKeys trusted = SiteKeys.open(keys, owner);
            Instant now = Instant.now();
            Judgement judgement = PolicyTrial.judge(policy, trusted, now, subject, place, open);
            boolean certain = policy.explain(subject, judgement.image(), judgement.signatures(), now).rules().stream()
                    .noneMatch(rule -> rule.result() == Considered.Result.NOT_KNOWN);
            return certain && judgement.decision() instanceof Decision.Deny deny
                    ? Optional.of("image " + image + ": " + deny.oneLine())
                    : Optional.empty();
        } catch (SiteFileException e) {
            return Optional.empty(); // the nodes have one, and say what is wrong with it
        } catch (RefusedException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private static Outcome hints(Path image, SifImage sif, ImageBytes bytes, MpiWords mpi)
            throws IOException, SifFormatException {
        try {
            Optional<LaunchHints> hints = LaunchHints.of(sif, bytes);
            if (hints.isEmpty() || hints.get().pmi().isEmpty()) {
                return new Outcome(Optional.empty(), List.of());
            }
            HintCheck check = new HintCheck(hints.get());
            // when nobody said how many tasks there are, or by which plug-in they start, it is not certain
            Optional<String> misfit = check.pmi(mpi.type(), mpi.tasks().orElse(2));
            if (mpi.tasks().isPresent() && mpi.type().isPresent()) {
                return new Outcome(
                        misfit.map(why -> "image " + image + " cannot run in this step by its launch hints: " + why),
                        List.of());
            }
            return new Outcome(
                    Optional.empty(),
                    misfit.isEmpty()
                            ? List.of()
                            : List.of("MPI programs of image " + image + " need srun --mpi="
                                    + hints.get().pmi().get(0) + " by its launch hints"));
        } catch (HintsException e) {
            return new Outcome(
                    Optional.empty(),
                    List.of("the launch hints of image " + image + " are passed over: " + e.getMessage()));
        }
    }
}
