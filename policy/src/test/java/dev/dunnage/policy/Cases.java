package dev.dunnage.policy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The case directories below {@code src/test/resources}. A new directory there is a new test. */
final class Cases {
    private Cases() {}

    static Path root() {
        return Path.of(System.getProperty("dunnage.root", "..")).resolve("policy/src/test/resources");
    }

    static List<Path> in(String kind) throws IOException {
        try (Stream<Path> cases = Files.list(root().resolve(kind))) {
            return cases.filter(Files::isDirectory).sorted().toList();
        }
    }
}
