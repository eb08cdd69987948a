package dev.dunnage.launcher.store;

import dev.dunnage.launcher.wire.ContentDigest;
import dev.dunnage.policy.SignatureFacts;
import java.io.IOException;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Remembers what verification found out about content that cannot change, so that the next step verifies for nothing. A
 * verdict holds for one generation of the key ring and up to a time. What cannot be read counts as unknown.
 */
public final class VerdictCache {
    private static final String FORM = "dunnage-verdict-1";

    private final StoreDirectory directory;
    private final Clock clock;

    VerdictCache(StoreDirectory directory, Clock clock) {
        this.directory = directory;
        this.clock = clock;
    }

    /** Names content of the store. */
    public static String subject(ContentDigest digest) {
        return digest.hex();
    }

    /** Names the content of a file in place; empty when its identity does not stand for its content. */
    public Optional<String> subject(ImageFacts facts) {
        boolean usable = facts.isImmutableForUsers() && facts.isSettled(clock.instant());
        return usable ? Optional.of("file-" + facts.identity()) : Optional.empty();
    }

    /**
     * Names the content of a user's own file, for decisions that are advice: its owner could change it under our eyes. Empty
     * when its identity says nothing.
     */
    public Optional<String> advisorySubject(ImageFacts facts) {
        boolean usable = facts.isRegular() && facts.isReliable() && facts.isSettled(clock.instant());
        return usable ? Optional.of("advice-" + facts.identity()) : Optional.empty();
    }

    /**
     * The verdict of an earlier verification, if it still holds.
     *
     * @param ring generation of the key ring, file name characters only
     */
    public Optional<SignatureFacts> find(String subject, String ring) {
        try {
            return PrivateFiles.read(directory.verdicts().resolve(subject + "." + ring))
                    .flatMap(this::parse);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /**
     * Keeps a verdict; failing to do so costs time at the next step and nothing else.
     *
     * @param until first instant at which the verdict must be found anew
     */
    public void put(String subject, String ring, SignatureFacts facts, Instant until) {
        String text = String.join(
                "\n",
                FORM,
                until.toString(),
                String.join(" ", facts.signersOfEveryGroup()),
                String.join(" ", facts.signersOfAnyGroup()),
                facts.rejection().isPresent() ? "rejected" : "accepted",
                facts.rejection().orElse(""),
                "end");
        try {
            PrivateFiles.write(directory.verdicts().resolve(subject + "." + ring), text);
        } catch (IOException e) {
            // The next step verifies again, and a full disk is reported where copies are made.
        }
    }

    private Optional<SignatureFacts> parse(String text) {
        String[] lines = text.split("\n", -1);
        if (lines.length != 7 || !lines[0].equals(FORM) || !lines[6].equals("end")) {
            return Optional.empty();
        }
        try {
            if (!Instant.parse(lines[1]).isAfter(clock.instant())) {
                return Optional.empty();
            }
            Optional<String> rejection = lines[4].equals("accepted") ? Optional.empty() : Optional.of(lines[5]);
            return Optional.of(new SignatureFacts(rejection, words(lines[2]), words(lines[3])));
        } catch (DateTimeException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Set<String> words(String line) {
        return line.isEmpty() ? Set.of() : new LinkedHashSet<>(Arrays.asList(line.split(" ", -1)));
    }
}
