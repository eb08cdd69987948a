package dev.dunnage.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/** The case directories below {@code src/test/resources}. A new directory there is a new test. */
final class Cases {
    private Cases() {}

    static Path root() {
        return Path.of(System.getProperty("dunnage.root", "..")).resolve("policy/src/test/resources");
    }

    /** The rule of an image about whose user nothing is known, now. */
    static Rule rule(Policy policy, Path image) {
        return policy.ruleFor(Subject.unknown(), ImageFacts.at(image), Instant.now());
    }

    /** Compares with what is expected; with {@code -Ddunnage.golden.update=true} writes that anew. */
    static void golden(Path file, String seen) throws IOException {
        if (Boolean.getBoolean("dunnage.golden.update")) {
            Files.writeString(file, seen);
        }
        assertThat(seen).isEqualTo(Files.readString(file));
    }

    static List<Path> in(String kind) throws IOException {
        try (Stream<Path> cases = Files.list(root().resolve(kind))) {
            return cases.filter(Files::isDirectory).sorted().toList();
        }
    }
}
