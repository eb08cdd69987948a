package dev.dunnage.mpi.explain;

import dev.dunnage.mpi.PmiKind;
import dev.dunnage.mpi.facts.Speech;
import dev.dunnage.mpi.host.HostDevices;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Weighs an image against a site. */
public final class Explainer {
    private final ImageSide image;
    private final HostSide host;
    private final HostDevices devices;
    private final Set<Way> carriedOut;

    /**
     * Reads nothing.
     *
     * @param carriedOut ways that the launcher can go
     */
    public Explainer(ImageSide image, HostSide host, HostDevices devices, Set<Way> carriedOut) {
        this.image = image;
        this.host = host;
        this.devices = devices;
        this.carriedOut = Set.copyOf(carriedOut);
    }

    /**
     * Answers for one step.
     *
     * @param pmi value of {@code srun --mpi}; empty for the best that the nodes offer
     * @param tasks of the step
     */
    public Explanation explain(Optional<String> pmi, long tasks) {
        String type = pmi.orElseGet(this::best);
        PmiKind kind = PmiKind.of(Optional.of(type));
        Assessment hybrid = new Assessment(Way.HYBRID, hybrid(type, kind, tasks));
        Assessment bind = new Assessment(Way.BIND, new BindRules(image, host).rules(kind));
        Assessment fabric = new Assessment(Way.FABRIC_ONLY, new FabricRules(image, host, devices).rules());
        List<Rule> transport = new Transport(image.facts(), devices, ofImage()).rules(tasks);
        List<Assessment> ways = List.of(hybrid, bind, fabric);
        if (image.facts().mpi().isEmpty()) {
            return new Explanation(
                    "none",
                    true,
                    type,
                    "the image has no MPI library: its programs run as they are; MPI that is linked into a program, or that is"
                            + " bound in, is not seen",
                    ways,
                    transport);
        } else if (hybrid.fits()) {
            return new Explanation(Way.HYBRID.text(), true, type, reason(hybrid, type, tasks), ways, transport);
        }
        if (carriedOut.contains(Way.BIND) && bind.fits()) {
            return new Explanation(
                    Way.BIND.text(),
                    true,
                    type,
                    "the image's MPI does not find its ranks, the nodes' does: use --container-mpi=bind",
                    ways,
                    new Transport(image.facts(), devices, ofNodes()).rules(tasks));
        }
        return new Explanation("refuse", false, type, refusal(type), ways, transport);
    }

    /** Libraries of networks that MPI programs would find the way that was chosen. */
    public NetworkLibraries libraries(Explanation explanation) {
        return explanation.choice().equals(Way.BIND.text()) ? ofNodes() : ofImage();
    }

    private NetworkLibraries ofImage() {
        return NetworkLibraries.ofImage(Optional.of(image.facts()));
    }

    private NetworkLibraries ofNodes() {
        return NetworkLibraries.ofNodes(host.names());
    }

    /** What the image speaks and the nodes have. */
    private String best() {
        Speech speech = image.facts().speech();
        for (String type : List.of("pmix", "pmi2")) {
            boolean offered = host.pmi().isEmpty() || offers(type);
            if (offered && speech.objection(Optional.of(type)).isEmpty()) {
                return type;
            }
        }
        return host.pmi().stream()
                .filter(name -> PmiKind.of(Optional.of(name)) != PmiKind.UNKNOWN)
                .findFirst()
                .orElse("none");
    }

    private String reason(Assessment hybrid, String type, long tasks) {
        boolean open = hybrid.rules().stream()
                .anyMatch(rule -> rule.name().equals("PMI") && rule.outcome() == Rule.Outcome.OPEN);
        if (tasks == 1) {
            return "one task needs no launcher";
        }
        return open
                ? "nothing speaks against srun --mpi=" + type + "; the guard stops ranks that do not find each other"
                : "the image's MPI finds its ranks by srun --mpi=" + type + others(type);
    }

    /** Of several libraries one fits; programs of the others would be stopped. */
    private String others(String type) {
        String others = image.facts().speech().voices().stream()
                .filter(voice ->
                        new Speech(List.of(voice)).objection(Optional.of(type)).isPresent())
                .map(Speech.Voice::label)
                .distinct()
                .collect(Collectors.joining(", "));
        return others.isEmpty() ? "" : "; programs that use its " + others + " do not";
    }

    private String refusal(String type) {
        Speech speech = image.facts().speech();
        String cause = speech.objection(Optional.of(type))
                .orElse("Slurm offers the step no PMI, so that each rank would run alone; use srun --mpi="
                        + speech.type());
        boolean notOffered = !host.pmi().isEmpty() && !offers(speech.type());
        return cause
                + (notOffered
                        ? ", which Slurm of these nodes does not have (" + String.join(", ", host.pmi())
                                + "): an image with another MPI is needed"
                        : "");
    }

    private boolean offers(String type) {
        PmiKind wanted = PmiKind.of(Optional.of(type));
        return host.pmi().stream().anyMatch(name -> PmiKind.of(Optional.of(name)) == wanted);
    }

    private List<Rule> hybrid(String type, PmiKind kind, long tasks) {
        List<Rule> rules = new ArrayList<>();
        image.facts()
                .mpi()
                .forEach(library -> rules.add(Rule.open(
                        "MPI",
                        library.label() + " of the image speaks "
                                + (library.protocols().isEmpty()
                                        ? "nothing that is known"
                                        : String.join(", ", library.protocols()))
                                + (library.certain() ? "" : ", perhaps more"))));
        if (image.facts().mpi().isEmpty()) {
            rules.add(Rule.open("MPI", "the image has no MPI library"));
            return rules;
        }
        if (tasks == 1) {
            rules.add(Rule.holds("PMI", "one task needs none"));
            return rules;
        }
        boolean offered = host.pmi().isEmpty() || type.equals("none") || offers(type);
        if (!offered) {
            rules.add(Rule.fails(
                    "PMI",
                    "Slurm of the nodes has no plug-in for --mpi=" + type + ", it has "
                            + String.join(", ", host.pmi())));
        }
        rules.add(pmi(type, kind));
        if (kind == PmiKind.PMIX) {
            PmixRule.of(image.facts().pmix(), host.pmix()).ifPresent(rules::add);
        }
        return rules;
    }

    private Rule pmi(String type, PmiKind kind) {
        if (kind == PmiKind.NONE) {
            return Rule.fails("PMI", "--mpi=" + type + " gives the ranks nothing to find each other by");
        }
        if (kind == PmiKind.UNKNOWN) {
            return Rule.open("PMI", "nothing is known of --mpi=" + type);
        }
        Speech speech = image.facts().speech();
        if (speech.objection(Optional.of(type)).isPresent()) {
            return Rule.fails("PMI", "no MPI library of the image speaks what --mpi=" + type + " offers");
        }
        String[] wanted = kind == PmiKind.PMIX ? new String[] {"pmix"} : new String[] {"pmi2", "pmi1"};
        for (Speech.Voice voice : speech.voices()) {
            for (String protocol : wanted) {
                if (voice.protocols().contains(protocol)) {
                    return Rule.holds(
                            "PMI", voice.label() + " speaks " + protocol + ", which --mpi=" + type + " serves");
                }
            }
        }
        return Rule.open("PMI", "what the image's MPI speaks is not known for certain");
    }
}
