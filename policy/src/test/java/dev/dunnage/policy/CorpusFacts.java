package dev.dunnage.policy;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Reads {@code corpus-facts.txt}: image, rejection, keys that signed every group, keys that signed any group. */
final class CorpusFacts {
    private CorpusFacts() {}

    static Map<String, SignatureFacts> read() throws IOException {
        Map<String, SignatureFacts> facts = new HashMap<>();
        for (String line : Files.readAllLines(Cases.root().resolve("corpus-facts.txt"))) {
            if (!line.startsWith("#")) {
                List<String> cells =
                        Arrays.stream(line.split("\\|", -1)).map(String::strip).toList();
                Optional<String> rejection = Optional.of(cells.get(1)).filter(text -> !text.isEmpty());
                SignatureForm form = cells.get(0).startsWith("legacy:") ? SignatureForm.LEGACY : SignatureForm.MODERN;
                facts.put(
                        cells.get(0),
                        new SignatureFacts(rejection, keys(cells.get(2)), keys(cells.get(3)), form, Set.of()));
            }
        }
        return facts;
    }

    private static Set<String> keys(String cell) {
        return Arrays.stream(cell.split(" ", -1)).filter(key -> !key.isEmpty()).collect(Collectors.toSet());
    }
}
