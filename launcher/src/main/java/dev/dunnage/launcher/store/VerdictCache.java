package dev.dunnage.launcher.store;

import dev.dunnage.launcher.wire.ContentDigest;
import dev.dunnage.policy.SignatureFacts;
import dev.dunnage.policy.SignatureForm;
import java.io.IOException;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Remembers what verification found out about content that cannot change, so that the next step verifies for nothing. A
 * verdict holds for one form of signatures, one generation of the key ring and up to a time. What cannot be read counts
 * as unknown. Agent and one-shot launchers share the files; what a process has seen it keeps in memory.
 */
public final class VerdictCache {
    private static final String FORM = "dunnage-verdict-2";
    private static final int IN_MEMORY = 4096;

    private final StoreDirectory directory;
    private final Clock clock;
    private final RecentlyUsed<String, Entry> memory = new RecentlyUsed<>(IN_MEMORY);
    private final RecentlyUsed<String, ContentDigest> digests = new RecentlyUsed<>(IN_MEMORY);

    private final RecentlyUsed<String, String> notes = new RecentlyUsed<>(IN_MEMORY);

    private record Entry(SignatureFacts facts, Instant until) {}

    VerdictCache(StoreDirectory directory, Clock clock) {
        this.directory = directory;
        this.clock = clock;
    }

    /** Names content of the store. */
    public static String subject(ContentDigest digest) {
        return digest.hex();
    }

    /**
     * The verdict of an earlier verification, if it still holds.
     *
     * @param ring generation of the key ring, file name characters only
     */
    public Optional<SignatureFacts> find(String subject, String ring, SignatureForm form) {
        String name = name(subject, ring, form);
        Optional<Entry> entry = memory.get(name);
        if (entry.isEmpty()) {
            entry = read(name).flatMap(text -> parse(text, form));
            entry.ifPresent(found -> memory.put(name, found));
        }
        return entry.filter(found -> found.until().isAfter(clock.instant())).map(Entry::facts);
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
                String.join(" ", facts.claimed()),
                facts.rejection().isPresent() ? "rejected" : "accepted",
                facts.rejection().orElse(""),
                "end");
        String name = name(subject, ring, facts.form());
        memory.put(name, new Entry(facts, until));
        write(name, text);
    }

    /** SHA-256 of the whole content, if it was computed before. */
    public Optional<ContentDigest> digest(String subject) {
        Optional<ContentDigest> known = digests.get(subject);
        return known.isPresent() ? known : read(subject + ".sha256").flatMap(VerdictCache::digestIn);
    }

    /** Keeps the SHA-256 of the whole content. */
    public void putDigest(String subject, ContentDigest digest) {
        digests.put(subject, digest);
        write(subject + ".sha256", digest.hex());
    }

    private static Optional<ContentDigest> digestIn(String text) {
        try {
            return Optional.of(new ContentDigest(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // cut off by a power cut
        }
    }

    /**
     * What was noted about content before.
     *
     * @param kind of the note, file name characters only
     */
    public Optional<String> note(String subject, String kind) {
        String name = subject + "." + kind;
        Optional<String> known = notes.get(name);
        if (known.isPresent()) {
            return known;
        }
        Optional<String> found = read(name);
        found.ifPresent(text -> notes.put(name, text));
        return found;
    }

    /** Keeps a short note. */
    public void putNote(String subject, String kind, String text) {
        String name = subject + "." + kind;
        notes.put(name, text);
        write(name, text);
    }

    private static String name(String subject, String ring, SignatureForm form) {
        return subject + "." + ring + "." + form.name().toLowerCase(Locale.ROOT);
    }

    private Optional<String> read(String name) {
        try {
            return PrivateFiles.read(directory.verdicts().resolve(name));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private void write(String name, String text) {
        try {
            PrivateFiles.write(directory.verdicts().resolve(name), text);
        } catch (IOException e) {
            // The next process verifies again, and a full disk is reported where copies are made.
        }
    }

    private static Optional<Entry> parse(String text, SignatureForm form) {
        String[] lines = text.split("\n", -1);
        if (lines.length != 8 || !lines[0].equals(FORM) || !lines[7].equals("end")) {
            return Optional.empty();
        }
        try {
            Optional<String> rejection = lines[5].equals("accepted") ? Optional.empty() : Optional.of(lines[6]);
            SignatureFacts facts =
                    new SignatureFacts(rejection, words(lines[2]), words(lines[3]), form, words(lines[4]));
            return Optional.of(new Entry(facts, Instant.parse(lines[1])));
        } catch (DateTimeException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Set<String> words(String line) {
        return line.isEmpty() ? Set.of() : new LinkedHashSet<>(Arrays.asList(line.split(" ", -1)));
    }
}
