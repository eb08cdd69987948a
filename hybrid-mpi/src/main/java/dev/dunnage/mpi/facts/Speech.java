package dev.dunnage.mpi.facts;

import dev.dunnage.mpi.PlainText;
import dev.dunnage.mpi.PmiKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Which protocols the MPI libraries of an image speak, so short that it can be kept for every image.
 *
 * @param voices one for each MPI library; none when the image has no MPI
 */
public record Speech(List<Voice> voices) {
    private static final String FORM = "dunnage-speech-1";

    /**
     * One MPI library.
     *
     * @param label family and version
     * @param protocols such as {@code pmix}
     * @param certain whether there are no more
     */
    public record Voice(String label, Set<String> protocols, boolean certain) {
        /** Copies the set. */
        public Voice {
            protocols = Set.copyOf(protocols);
        }

        /**
         * What one library says.
         *
         * @param complete whether its whole tree was looked at
         */
        public static Voice of(MpiLibrary library, boolean complete) {
            return new Voice(PlainText.of(library.label()), library.protocols(), library.certain() && complete);
        }

        private String text() {
            return label + "\t" + String.join(",", new TreeSet<>(protocols)) + "\t" + certain;
        }
    }

    /** Copies the list. */
    public Speech {
        voices = List.copyOf(voices);
    }

    static Speech of(TreeFacts facts) {
        return new Speech(facts.mpi().stream()
                .map(library -> Voice.of(library, facts.complete()))
                .toList());
    }

    /**
     * Why ranks could not find each other by this launcher, with what cures it; empty when they can, when it is not
     * certain that they cannot, or when the image has no MPI.
     *
     * @param mpiType what {@link PmiKind#of} takes
     */
    public Optional<String> objection(Optional<String> mpiType) {
        PmiKind kind = PmiKind.of(mpiType);
        boolean byMpirun = mpiType.filter(PmiKind::isMpirun).isPresent();
        Set<String> fitting = switch (kind) {
            case PMIX -> Set.of("pmix");
            case PMI2 -> Set.of("pmi2", "pmi1");
            default -> Set.of();
        };
        boolean known = !voices.isEmpty()
                && voices.stream()
                        .allMatch(voice -> voice.certain() && !voice.protocols().isEmpty());
        if (fitting.isEmpty()
                || !known
                || voices.stream().anyMatch(v -> v.protocols().stream().anyMatch(fitting::contains))) {
            return Optional.empty();
        }
        String spoken = voices.stream()
                .map(voice -> voice.label() + " speaks "
                        + voice.protocols().stream().sorted().map(Speech::name).collect(Collectors.joining(" and ")))
                .distinct()
                .collect(Collectors.joining(", "));
        return Optional.of("the MPI of the image cannot find its ranks through " + launcher(kind, byMpirun) + ": "
                + spoken + "; use " + advice(byMpirun));
    }

    private static String launcher(PmiKind kind, boolean mpirun) {
        if (mpirun) {
            return kind == PmiKind.PMIX ? "Open MPI's mpirun" : "an mpirun of the MPICH family";
        }
        return "--mpi=" + (kind == PmiKind.PMIX ? "pmix" : "pmi2");
    }

    /** The value of {@code srun --mpi} that serves the image best. */
    public String type() {
        return voices.stream().anyMatch(voice -> voice.protocols().contains("pmix")) ? "pmix" : "pmi2";
    }

    private String advice(boolean mpirun) {
        if (mpirun) {
            return type().equals("pmix") ? "Open MPI's mpirun" : "the mpirun of the MPICH family";
        }
        return "srun --mpi=" + type();
    }

    private static String name(String protocol) {
        return switch (protocol) {
            case "pmix" -> "PMIx";
            case "pmi2" -> "PMI2";
            case "pmi1" -> "PMI1";
            default -> protocol;
        };
    }

    /** Lines from which {@link #parse} makes the same. */
    public String text() {
        List<String> lines = new ArrayList<>(List.of(FORM));
        voices.forEach(voice -> lines.add(voice.text()));
        lines.add("end");
        return String.join("\n", lines);
    }

    /** Reads it back; empty when the lines are others. */
    public static Optional<Speech> parse(String text) {
        List<String> lines = text.lines().toList();
        if (lines.size() < 2
                || !lines.get(0).equals(FORM)
                || !lines.get(lines.size() - 1).equals("end")) {
            return Optional.empty();
        }
        List<Voice> voices = new ArrayList<>();
        for (String line : lines.subList(1, lines.size() - 1)) {
            String[] parts = line.split("\t", -1);
            if (parts.length != 3) {
                return Optional.empty();
            }
            Set<String> protocols = parts[1].isEmpty() ? Set.of() : Set.copyOf(Arrays.asList(parts[1].split(",", -1)));
            voices.add(new Voice(parts[0], protocols, parts[2].equals("true")));
        }
        return Optional.of(new Speech(voices));
    }
}
