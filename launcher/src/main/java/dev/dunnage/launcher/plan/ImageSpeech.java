package dev.dunnage.launcher.plan;

import dev.dunnage.launcher.mpi.ImageScan;
import dev.dunnage.launcher.store.VerdictCache;
import dev.dunnage.mpi.facts.Speech;
import dev.dunnage.mpi.facts.TreeFacts;
import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.SifFormatException;
import dev.dunnage.sif.SifObject;
import java.io.IOException;
import java.util.Optional;

/** What protocols the MPI libraries of an image speak, looked for once and kept beside the verdicts about it. */
public final class ImageSpeech {
    private static final String KIND = "mpi";

    private ImageSpeech() {}

    /**
     * Out of the notes, or from the root file system.
     *
     * @param notes where it is kept; empty to keep nothing
     * @param name of the content; empty when nobody can tell whether it changes
     * @return empty when the root file system cannot be looked into
     */
    public static Optional<Speech> of(
            Optional<VerdictCache> notes, Optional<String> name, ImageBytes bytes, SifObject root)
            throws IOException, SifFormatException {
        Optional<Speech> known = notes.flatMap(kept -> name.flatMap(subject -> kept.note(subject, KIND)))
                .flatMap(Speech::parse);
        if (known.isPresent()) {
            return known;
        }
        Optional<Speech> found = ImageScan.of(bytes, root).map(TreeFacts::speech);
        found.ifPresent(speech ->
                notes.ifPresent(kept -> name.ifPresent(subject -> kept.putNote(subject, KIND, speech.text()))));
        return found;
    }
}
