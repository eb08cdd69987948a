package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.gpu.GpuState;
import dev.dunnage.launcher.hints.HintCheck;
import dev.dunnage.launcher.hints.HintsException;
import dev.dunnage.launcher.hints.LaunchHints;
import dev.dunnage.launcher.mpi.ExplanationText;
import dev.dunnage.launcher.mpi.HostProfile;
import dev.dunnage.launcher.mpi.HostSides;
import dev.dunnage.launcher.mpi.ImageTree;
import dev.dunnage.launcher.plan.SitePaths;
import dev.dunnage.launcher.plan.TransportCheck;
import dev.dunnage.launcher.wire.Code;
import dev.dunnage.mpi.PmiKind;
import dev.dunnage.mpi.explain.Explainer;
import dev.dunnage.mpi.explain.Explanation;
import dev.dunnage.mpi.explain.HostSide;
import dev.dunnage.mpi.explain.ImageSide;
import dev.dunnage.mpi.explain.NetworkLibraries;
import dev.dunnage.mpi.explain.RequiredTransport;
import dev.dunnage.mpi.explain.Rule;
import dev.dunnage.mpi.explain.Way;
import dev.dunnage.mpi.facts.MpiLibrary;
import dev.dunnage.mpi.facts.Program;
import dev.dunnage.mpi.facts.ProgramScan;
import dev.dunnage.mpi.facts.TreeFacts;
import dev.dunnage.mpi.facts.TreeScan;
import dev.dunnage.mpi.host.HostDevices;
import dev.dunnage.mpi.host.HostScan;
import dev.dunnage.mpi.tree.HostTree;
import dev.dunnage.mpi.tree.TreePaths;
import dev.dunnage.policy.MpiProfile;
import dev.dunnage.policy.SiteConfigLoader;
import dev.dunnage.policy.SiteFileException;
import dev.dunnage.sif.SifFormatException;
import dev.dunnage.sif.SifImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dunnage mpi explain}. */
@Command(
        name = "explain",
        description = {
            "Tells whether MPI programs of an image would find their ranks here, which way, and how their messages would travel,"
                    + " with each rule and its numbers. Marks: + holds, - fails, o cannot be told or costs speed alone.",
            "The nodes' side comes from the key mpi of the site's settings, else this machine is looked at. Nothing of image or"
                    + " machine is run.",
            "Exit status 0 when they would, or when the image has no MPI; 3 when not, or when a transport that is required is lacking."
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class MpiExplainCommand extends BaseCommand {
    private static final int MOST_TASKS = 10_000_000;

    @Parameters(paramLabel = "IMAGE", description = "SIF file.")
    private Path file;

    @Option(
            names = "--mpi",
            paramLabel = "TYPE",
            description = "As in srun --mpi: pmix, pmi2, none. Default: the best that the nodes offer for this image.")
    private Optional<String> mpi = Optional.empty();

    @Option(
            names = "--ntasks",
            paramLabel = "N",
            defaultValue = "2",
            description = "Tasks of the step; default: several.")
    private long tasks;

    @Option(
            names = "--program",
            paramLabel = "PATH",
            description =
                    "A program or library in the image that uses MPI, to compare what it calls; may be repeated. Default:"
                            + " those in directories named bin, without /bin and /usr/bin.")
    private List<String> programs = new ArrayList<>();

    @Option(
            names = "--container-require-transport",
            paramLabel = "LIST",
            split = ",",
            description =
                    "As in srun --container-require-transport, for a step on this machine: ${COMPLETION-CANDIDATES}.",
            completionCandidates = Transports.class)
    private List<String> transports = new ArrayList<>();

    @Option(
            names = "--settings",
            paramLabel = "FILE",
            description = "The site's settings. Default: /etc/dunnage/dunnage.yaml.")
    private Path settings = SitePaths.defaults().config();

    @Mixin
    private JsonOption json;

    /** Words for the shell's completion. */
    static final class Transports extends ArrayList<String> {
        private static final long serialVersionUID = 1;

        Transports() {
            super(RequiredTransport.NAMES);
        }
    }

    /** The image, and what it says itself. */
    private record Looked(ImageSide side, Optional<LaunchHints> hints) {}

    /** The nodes, and where that is from. */
    private record Nodes(HostSide side, String source) {}

    @Override
    public Integer call() throws Exception {
        if (tasks < 1 || tasks > MOST_TASKS) {
            throw new CommandFailure(
                    Code.REQUEST.exitStatus(), "--ntasks " + tasks + ": give a number from 1 to " + MOST_TASKS);
        }
        if (mpi.isPresent() && PmiKind.of(mpi) == PmiKind.UNKNOWN) {
            throw new CommandFailure(
                    Code.REQUEST.exitStatus(),
                    "--mpi " + mpi.get() + ": allowed are pmix (and pmix_vN), pmi2 and none");
        }
        for (String transport : transports) {
            if (!RequiredTransport.NAMES.contains(transport)) {
                throw new CommandFailure(
                        Code.REQUEST.exitStatus(),
                        "--container-require-transport " + transport + ": allowed are "
                                + String.join(", ", RequiredTransport.NAMES) + ", with commas between several");
            }
        }
        Path root = Path.of("/");
        TreePaths machine = new TreePaths(new HostTree(root));
        Looked image = image();
        Nodes nodes = nodes(machine);
        Optional<String> first =
                image.hints().flatMap(hints -> hints.pmi().stream().findFirst());
        Explainer explainer =
                new Explainer(image.side(), nodes.side(), HostDevices.of(machine), Set.of(Way.HYBRID, Way.BIND));
        Explanation found = explainer.explain(mpi.or(() -> first), tasks);
        Explanation explanation = hinted(image.hints(), found);
        List<GpuState> gpus = GpuState.of(machine);
        List<Rule> required = required(root, machine, explainer.libraries(found));
        if (json.wanted()) {
            out().println(JsonLine.of(ExplanationText.members(explanation, nodes.source(), gpus, required)));
        } else {
            ExplanationText.lines(explanation, nodes.source(), gpus, required)
                    .forEach(line -> out().println(InspectText.oneLine(line)));
        }
        boolean lacking = required.stream().anyMatch(rule -> rule.outcome() == Rule.Outcome.FAILS);
        return explanation.runnable() && !lacking ? 0 : Code.POLICY.exitStatus();
    }

    private List<Rule> required(Path root, TreePaths machine, NetworkLibraries libraries) throws IOException {
        if (transports.isEmpty()) {
            return List.of();
        }
        RequiredTransport node = TransportCheck.on(root, GpuState.usable(machine));
        return transports.stream()
                .map(transport -> node.rule(transport, libraries))
                .toList();
    }

    /** What a step would be refused for by the image's own word comes before what its files tell. */
    private Explanation hinted(Optional<LaunchHints> hints, Explanation found) {
        return hints.flatMap(known -> new HintCheck(known).pmi(Optional.of(found.pmi()), tasks))
                .map(objection -> new Explanation(
                        "refuse",
                        false,
                        found.pmi(),
                        "by the image's launch hints: " + objection,
                        found.ways(),
                        found.transport()))
                .orElse(found);
    }

    private Optional<LaunchHints> hints(SifImage image, OpenedImage opened) throws IOException, SifFormatException {
        try {
            return LaunchHints.of(image, opened.bytes());
        } catch (HintsException e) {
            err().println("dunnage: note: the launch hints of " + file + " are passed over: " + e.getMessage());
            return Optional.empty();
        }
    }

    private Looked image() throws Exception {
        try (OpenedImage opened = OpenedImage.open(file)) {
            SifImage image = SifImage.read(opened.bytes());
            Optional<ImageTree> tree = ImageTree.open(opened.bytes(), image.primarySystem());
            if (tree.isEmpty()) {
                throw new CommandFailure(
                        Code.IMAGE_BAD.exitStatus(),
                        "the root file system of " + file + " is no plain squashfs, so nothing is known of its MPI");
            }
            TreePaths paths = new TreePaths(tree.get());
            TreeFacts facts = TreeScan.image(paths);
            Map<String, Set<String>> offered = new HashMap<>();
            for (MpiLibrary library : facts.mpi()) {
                ProgramScan.offered(paths, library).ifPresent(names -> offered.put(library.path(), names));
            }
            return new Looked(
                    new ImageSide(facts, facts.mpi().isEmpty() ? List.of() : users(paths), offered),
                    hints(image, opened));
        }
    }

    private List<Program> users(TreePaths paths) throws IOException, CommandFailure {
        if (programs.isEmpty()) {
            return ProgramScan.in(paths);
        }
        List<Program> found = new ArrayList<>();
        for (String path : programs) {
            found.add(ProgramScan.program(paths, path)
                    .orElseThrow(() -> new CommandFailure(
                            Code.REQUEST.exitStatus(),
                            "--program " + path
                                    + ": is no program of the image that asks for an MPI library; give its path in"
                                    + " the image")));
        }
        return found;
    }

    private Nodes nodes(TreePaths machine) throws IOException, SiteFileException {
        Optional<MpiProfile> written = new SiteConfigLoader(PolicySource.ownership(settings))
                .load(settings)
                .mpi();
        return written.isPresent()
                ? new Nodes(HostSides.of(written.get(), machine), "from " + settings)
                : new Nodes(
                        HostSides.of(HostProfile.of(HostScan.of(machine, List.of())), machine),
                        "this machine, since " + settings + " has no key mpi");
    }
}
