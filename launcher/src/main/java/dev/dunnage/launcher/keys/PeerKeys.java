package dev.dunnage.launcher.keys;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Where Apptainer and Singularity keep a user's keys: binary OpenPGP streams {@code pgp-public} and {@code pgp-secret}. */
public final class PeerKeys {
    private static final List<String> FILES = List.of("pgp-public", "pgp-secret");
    private static final List<String> PLACES =
            List.of(".apptainer/keys", ".singularity/keys", ".apptainer/sypgp", ".singularity/sypgp");
    private static final List<String> VARIABLES =
            List.of("APPTAINER_KEYSDIR", "SINGULARITY_KEYSDIR", "APPTAINER_SYPGPDIR", "SINGULARITY_SYPGPDIR");

    private PeerKeys() {}

    /**
     * The key rings that are there.
     *
     * @param environment may name other places, as those programs have it
     */
    public static List<Path> files(Path home, Map<String, String> environment) {
        Set<Path> directories = new LinkedHashSet<>();
        for (String variable : VARIABLES) {
            String value = environment.getOrDefault(variable, "");
            if (value.startsWith("/")) {
                directories.add(Path.of(value));
            }
        }
        PLACES.forEach(place -> directories.add(home.resolve(place)));
        List<Path> found = new ArrayList<>();
        for (Path directory : directories) {
            for (String name : FILES) {
                Path file = directory.resolve(name);
                if (Files.isRegularFile(file)) {
                    found.add(file);
                }
            }
        }
        return found;
    }
}
