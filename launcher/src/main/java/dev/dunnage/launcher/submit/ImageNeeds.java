package dev.dunnage.launcher.submit;

import dev.dunnage.launcher.hints.HintCheck;
import dev.dunnage.launcher.hints.HintsException;
import dev.dunnage.launcher.hints.LaunchHints;
import dev.dunnage.launcher.plan.ImageSpeech;
import dev.dunnage.launcher.plan.StoreSource;
import dev.dunnage.launcher.store.ImageFacts;
import dev.dunnage.launcher.store.StoreException;
import dev.dunnage.launcher.store.VerdictCache;
import dev.dunnage.launcher.submit.SubmitCheck.Outcome;
import dev.dunnage.mpi.PmiKind;
import dev.dunnage.policy.MpiMode;
import dev.dunnage.policy.SiteConfig;
import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.SifFormatException;
import dev.dunnage.sif.SifImage;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Whether a submission gives an image what it needs, by its launch hints, and by its MPI libraries where those say nothing of MPI.
 *
 * @param image where it lies
 * @param config the site's settings, when they are here
 * @param store the user's own, where notes about images are kept
 */
record ImageNeeds(
        Path image,
        SifImage sif,
        ImageBytes bytes,
        Submission submission,
        Optional<SiteConfig> config,
        StoreSource store,
        Clock clock) {
    Outcome look() throws IOException, SifFormatException {
        List<String> advice = new ArrayList<>();
        Optional<LaunchHints> hints = Optional.empty();
        try {
            hints = LaunchHints.of(sif, bytes);
        } catch (HintsException e) {
            advice.add("the launch hints of image " + image + " are passed over: " + e.getMessage());
        }
        Optional<String> objection = Optional.empty();
        boolean told = hints.filter(known -> !known.pmi().isEmpty()).isPresent();
        if (hints.isPresent()) {
            HintCheck check = new HintCheck(hints.get());
            objection = pmi(check, hints.get(), advice);
            Optional<String> gpu = submission.noGpu() ? check.withoutGpu() : Optional.empty();
            gpu.ifPresent(text -> advice.add("image " + image + " " + text));
            OptionalLong asked = submission.memoryBytes();
            Optional<String> memory = asked.isPresent() ? check.withMemory(asked.getAsLong()) : Optional.empty();
            memory.ifPresent(text -> advice.add("image " + image + " " + text));
        }
        if (!told) {
            speech().ifPresent(text -> advice.add("image " + image + ": " + text));
        }
        return new Outcome(objection, advice);
    }

    private Optional<String> pmi(HintCheck check, LaunchHints hints, List<String> advice) {
        if (submission.mode(config) == MpiMode.NONE) {
            return Optional.empty();
        }
        // when nobody said how many tasks there are, or by which plug-in they start, it is not certain
        Optional<String> misfit = check.pmi(submission.mpi(), submission.tasks().orElse(2));
        if (submission.tasks().isPresent() && submission.mpi().isPresent()) {
            return misfit.map(why -> "image " + image + " cannot run in this step by its launch hints: " + why);
        }
        misfit.ifPresent(why -> advice.add("MPI programs of image " + image + " need srun --mpi="
                + hints.pmi().get(0) + " by its launch hints"));
        return Optional.empty();
    }

    /** Never an objection: the program may be none of MPI. */
    private Optional<String> speech() {
        PmiKind kind = PmiKind.of(submission.mpi());
        MpiMode mode = submission.mode(config);
        boolean nodesHelp = config.flatMap(SiteConfig::mpi)
                .filter(profile -> !profile.installations().isEmpty())
                .isPresent();
        boolean own = mode == MpiMode.HYBRID || (mode == MpiMode.AUTO && !nodesHelp);
        if (!own || submission.tasks().orElse(2) <= 1 || (kind != PmiKind.PMIX && kind != PmiKind.PMI2)) {
            return Optional.empty();
        }
        try {
            Optional<String> name = ImageFacts.of(image).advisoryName(clock.instant());
            return ImageSpeech.of(notes(), name, bytes, sif.primarySystem())
                    .flatMap(speech -> speech.objection(submission.mpi()));
        } catch (IOException | SifFormatException e) {
            return Optional.empty(); // who cannot look says nothing
        }
    }

    private Optional<VerdictCache> notes() {
        try {
            return Optional.of(store.store().verdicts());
        } catch (StoreException e) {
            return Optional.empty(); // then it is looked for each time
        }
    }
}
