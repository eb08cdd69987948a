package dev.dunnage.policy;

import java.util.List;
import java.util.Set;

/**
 * Where the image is said to come from: a reference, or the start of one that ends before {@code /}, {@code @} or a tag.
 * Who pulled the image says so, and nobody else can know: it may forbid and choose between demands, but never allow.
 */
record SourceCondition(List<String> prefixes) implements Condition {
    SourceCondition {
        prefixes = List.copyOf(prefixes);
    }

    @Override
    public Match judge(Subject subject, ImageFacts image) {
        String wanted = "it wants an image pulled from " + String.join(", ", prefixes);
        return image.source()
                .map(source -> Match.of(covers(source), "pulled from " + source, wanted))
                .orElseGet(() -> Match.no(wanted));
    }

    private boolean covers(String source) {
        return prefixes.stream().anyMatch(prefix -> covers(prefix, source));
    }

    private static boolean covers(String prefix, String source) {
        if (!source.startsWith(prefix)) {
            return false;
        }
        if (source.length() == prefix.length() || prefix.endsWith("/")) {
            return true;
        }
        char next = source.charAt(prefix.length());
        boolean isTag = next == ':' && source.indexOf('/', prefix.length()) < 0; // else it is another port
        return isTag || next == '/' || next == '@';
    }

    @Override
    public boolean includes(Condition other) {
        return other instanceof SourceCondition narrow
                && narrow.prefixes.stream().allMatch(this::covers);
    }

    @Override
    public Set<Need> needs() {
        return Set.of(Need.SOURCE);
    }
}
