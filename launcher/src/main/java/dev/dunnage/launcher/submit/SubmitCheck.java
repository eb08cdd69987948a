package dev.dunnage.launcher.submit;

import dev.dunnage.launcher.accounts.Accounts;
import dev.dunnage.launcher.plan.Judgement;
import dev.dunnage.launcher.plan.PolicyFile;
import dev.dunnage.launcher.plan.PolicyTrial;
import dev.dunnage.launcher.plan.RefusedException;
import dev.dunnage.launcher.plan.SiteKeys;
import dev.dunnage.launcher.plan.SitePaths;
import dev.dunnage.launcher.plan.StoreSource;
import dev.dunnage.launcher.store.OpenImage;
import dev.dunnage.policy.Considered;
import dev.dunnage.policy.Decision;
import dev.dunnage.policy.ImageFacts;
import dev.dunnage.policy.OwnershipRule;
import dev.dunnage.policy.Policy;
import dev.dunnage.policy.SiteConfig;
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
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Looks at an image as the nodes will, with the files of the machine that submits. It says nothing where only the nodes
 * can tell: a rule that looks at the job's account or partition, a policy that is not here or not readable.
 */
public final class SubmitCheck {
    private final SitePaths site;
    private final OwnershipRule owner;
    private final Accounts accounts;
    private final StoreSource notes;
    private final Clock clock;

    /**
     * A check with the files of this site.
     *
     * @param notes the user's own store, where what was found in images is kept
     */
    public SubmitCheck(SitePaths site, OwnershipRule owner, Accounts accounts, StoreSource notes, Clock clock) {
        this.site = site;
        this.owner = owner;
        this.accounts = accounts;
        this.notes = notes;
        this.clock = clock;
    }

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
    public Outcome of(Path image, Submission submission) throws IOException {
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
            Optional<SiteConfig> config = config();
            Optional<String> refusal = config.isPresent()
                    ? refusal(image, new OpenImage(bytes, image), config.get().keys())
                    : Optional.empty();
            return refusal.isPresent()
                    ? new Outcome(refusal, List.of())
                    : new ImageNeeds(image, sif, bytes, submission, config, notes, clock).look();
        } catch (SifFormatException e) {
            return Outcome.objection("image " + image + ": " + e.getMessage());
        }
    }

    private Optional<SiteConfig> config() throws IOException {
        try {
            return Optional.of(new SiteConfigLoader(owner).load(site.config()));
        } catch (SiteFileException e) {
            return Optional.empty(); // the nodes say what is wrong with theirs
        }
    }

    private Optional<String> refusal(Path image, OpenImage open, Path keys) throws IOException {
        try {
            Policy policy = PolicyFile.load(site, owner);
            Subject subject = SubmittingUser.subject(accounts);
            ImageFacts place = ImageFacts.at(image.toRealPath());
            SiteKeys trusted = SiteKeys.open(keys, owner);
            Instant now = clock.instant();
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
}
