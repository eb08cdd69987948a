package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.plan.ImageOrigin;
import dev.dunnage.policy.ImageFacts;
import dev.dunnage.policy.Subject;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import picocli.CommandLine.Option;

/** Who is supposed to run the image, where and when. What is not said is not known: rules that look at it refuse. */
final class SubjectOptions {
    private static final int DIGITS = 10;

    @Option(
            names = "--user",
            paramLabel = "U",
            description = "Decide for this user: login name, user id, or both in two options. What is not given here is"
                    + " not known, and rules that look at it refuse.")
    private List<String> users = new ArrayList<>();

    @Option(
            names = "--group",
            paramLabel = "G",
            description = "A group of the user, name or id; may be repeated. All others are then known not to be the"
                    + " user's.")
    private List<String> groups = new ArrayList<>();

    @Option(names = "--account", paramLabel = "A", description = "Slurm account of the job; '' for a job without one.")
    private Optional<String> account = Optional.empty();

    @Option(names = "--partition", paramLabel = "P", description = "Partition of the job.")
    private Optional<String> partition = Optional.empty();

    @Option(names = "--path", paramLabel = "AS-IF", description = "Decide as if the image were at this absolute path.")
    private Optional<Path> asIf = Optional.empty();

    @Option(
            names = "--source",
            paramLabel = "REFERENCE",
            description = "Decide as if the image had been pulled from there.")
    private Optional<String> reference = Optional.empty();

    @Option(
            names = "--time",
            paramLabel = "TIME",
            converter = TimeOption.class,
            description = "Judge rules, keys and signatures at this time instead of now.")
    private Optional<Instant> time = Optional.empty();

    Subject subject() throws CommandFailure {
        List<String> names = users.stream().filter(user -> !isId(user)).toList();
        List<String> ids = users.stream().filter(SubjectOptions::isId).toList();
        if (names.size() > 1 || ids.size() > 1) {
            throw new CommandFailure(2, "--user " + String.join(" --user ", users) + " name several people; name one");
        }
        Set<String> groupNames = new LinkedHashSet<>();
        Set<Long> groupIds = new LinkedHashSet<>();
        for (String group : groups) {
            if (isId(group)) {
                groupIds.add(Long.valueOf(group));
            } else {
                groupNames.add(group);
            }
        }
        boolean told = !groups.isEmpty();
        return new Subject(
                ids.isEmpty() ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(ids.get(0))),
                names.stream().findFirst(),
                told ? Optional.of(groupIds) : Optional.empty(),
                told ? Optional.of(groupNames) : Optional.empty(),
                account,
                partition);
    }

    private static boolean isId(String text) {
        return !text.isEmpty() && text.length() <= DIGITS && text.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    /** What rules look at beside the content. */
    ImageFacts asIf(Path image) throws CommandFailure, java.io.IOException {
        Optional<String> origin = reference.flatMap(ImageOrigin::of);
        if (reference.isPresent() && origin.isEmpty()) {
            throw new CommandFailure(
                    2, "--source " + reference.get() + " is no reference; write one such as oras://HOST/NAME:TAG");
        }
        return ImageFacts.at(place(image)).from(origin);
    }

    private Path place(Path image) throws CommandFailure, java.io.IOException {
        Path place = asIf.isPresent() ? asIf.get() : image.toRealPath();
        if (!place.isAbsolute()) {
            throw new CommandFailure(2, "--path " + place + " is relative; give an absolute path");
        }
        return place;
    }

    Instant at() {
        return time.orElseGet(Instant::now);
    }
}
