package dev.dunnage.policy;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Where the image lies. Path components are compared whole. */
record PathCondition(List<Path> paths, Extent extent) implements Condition {

    /** How far a path reaches. */
    enum Extent {
        /** The file itself, or anything beneath a directory. */
        AT_OR_BENEATH("at or beneath"),
        /** Anything beneath a directory. */
        BENEATH("beneath"),
        /** Directly in a directory. */
        DIRECTLY_IN("directly in");

        private final String words;

        Extent(String words) {
            this.words = words;
        }
    }

    PathCondition {
        paths = List.copyOf(paths);
    }

    @Override
    public Match judge(Subject subject, ImageFacts image) {
        return paths.stream()
                .filter(path -> covers(path, image.path()))
                .findFirst()
                .map(path -> Match.yes("the image is " + extent.words + " " + path))
                .orElseGet(() -> Match.no("the image is not " + extent.words + " " + names()));
    }

    private boolean covers(Path path, Path image) {
        return switch (extent) {
            case AT_OR_BENEATH -> image.startsWith(path);
            case BENEATH -> image.startsWith(path) && !image.equals(path);
            case DIRECTLY_IN -> path.equals(image.getParent());
        };
    }

    @Override
    public boolean includes(Condition other) {
        return other instanceof PathCondition narrow
                && narrow.paths.stream().allMatch(path -> includes(path, narrow.extent));
    }

    private boolean includes(Path path, Extent narrow) {
        return paths.stream().anyMatch(wide -> switch (extent) {
            case AT_OR_BENEATH -> path.startsWith(wide);
            case BENEATH -> path.startsWith(wide) && !(narrow == Extent.AT_OR_BENEATH && path.equals(wide));
            case DIRECTLY_IN -> narrow == Extent.DIRECTLY_IN && path.equals(wide);
        });
    }

    @Override
    public Set<Need> needs() {
        return Set.of();
    }

    private String names() {
        return paths.stream().map(Path::toString).collect(Collectors.joining(", "));
    }
}
