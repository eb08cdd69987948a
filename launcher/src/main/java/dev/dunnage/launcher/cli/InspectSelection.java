package dev.dunnage.launcher.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which of the things that an image says about itself are wanted. */
final class InspectSelection {
    static final String LABELS = "labels";
    static final String ENVIRONMENT = "environment";
    static final String APPS = "apps";

    @Option(
            names = {"-l", "--labels"},
            description = "Show the labels; this is the default.")
    private boolean labels;

    @Option(
            names = {"-d", "--deffile"},
            description = "Show the definition file that the image was built from.")
    private boolean deffile;

    @Option(
            names = {"-e", "--environment"},
            description = "Show the environment scripts.")
    private boolean environment;

    @Option(
            names = {"-H", "--helpfile"},
            description = "Show the help text.")
    private boolean helpfile;

    @Option(
            names = {"-r", "--runscript"},
            description = "Show the runscript.")
    private boolean runscript;

    @Option(
            names = {"-s", "--startscript"},
            description = "Show the startscript.")
    private boolean startscript;

    @Option(
            names = {"-t", "--test"},
            description = "Show the test script.")
    private boolean test;

    @Option(names = "--list-apps", description = "Show the names of the SCIF apps.")
    private boolean listApps;

    @Option(
            names = {"-a", "--all"},
            description = "Show all of this.")
    private boolean all;

    @Option(names = "--app", paramLabel = "NAME", description = "Show it of this SCIF app instead of the image.")
    private Optional<String> app = Optional.empty();

    @Option(
            names = "--mpi",
            description = "Show instead which MPI, PMI, libc and network libraries its files are, without running any.")
    private boolean mpi;

    /** Whether the files themselves are asked about. */
    boolean isAboutMpi() {
        return mpi;
    }

    /** Whether nothing in particular is asked for. */
    boolean isEmpty() {
        return wanted().isEmpty();
    }

    /** Whether absence of a part is worth no word. */
    boolean isBroad() {
        return all || isEmpty();
    }

    Optional<String> app() {
        return app;
    }

    /** Names of the parts, in the order in which they are shown. */
    List<String> wanted() {
        List<String> wanted = new ArrayList<>();
        add(wanted, labels, LABELS);
        add(wanted, environment, ENVIRONMENT);
        add(wanted, deffile, "deffile");
        add(wanted, helpfile, "helpfile");
        add(wanted, runscript, "runscript");
        add(wanted, startscript, "startscript");
        add(wanted, test, "test");
        add(wanted, listApps && app.isEmpty(), APPS);
        return wanted;
    }

    private void add(List<String> wanted, boolean chosen, String part) {
        if (chosen || (all && !(part.equals(APPS) && app.isPresent()))) {
            wanted.add(part);
        }
    }
}
