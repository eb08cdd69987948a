package dev.dunnage.mpi.facts;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A version of glibc's symbols. */
public record GlibcVersion(int major, int minor, int patch) implements Comparable<GlibcVersion> {
    private static final Pattern FORM = Pattern.compile("(?:GLIBC_)?([0-9]{1,4})\\.([0-9]{1,4})(?:\\.([0-9]{1,4}))?");

    /** Reads {@code GLIBC_2.34} or {@code 2.34}; empty for other texts. */
    public static Optional<GlibcVersion> parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String patch = matcher.group(3);
        return Optional.of(new GlibcVersion(
                Integer.parseInt(matcher.group(1)),
                Integer.parseInt(matcher.group(2)),
                patch == null ? 0 : Integer.parseInt(patch)));
    }

    /** The highest of those that are versions of glibc. */
    public static Optional<GlibcVersion> highest(Collection<String> versions) {
        return versions.stream()
                .filter(text -> text.startsWith("GLIBC_"))
                .flatMap(text -> parse(text).stream())
                .max(Comparator.naturalOrder());
    }

    @Override
    public int compareTo(GlibcVersion other) {
        return Comparator.comparingInt(GlibcVersion::major)
                .thenComparingInt(GlibcVersion::minor)
                .thenComparingInt(GlibcVersion::patch)
                .compare(this, other);
    }

    @Override
    public String toString() {
        return major + "." + minor + (patch == 0 ? "" : "." + patch);
    }
}
