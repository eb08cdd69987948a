package dev.dunnage.launcher.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code dunnage}, the commands that run on Java. */
@Command(
        name = "dunnage",
        description = {
            "Runs SIF containers: as native Slurm job steps (srun --container=IMAGE), and without Slurm and root:",
            "  exec IMAGE PROGRAM   a program of the image",
            "  run IMAGE            what the image is for: its runscript",
            "  shell IMAGE          a shell in it",
            "  test IMAGE           the test that it brings",
            "  instance             containers that stay: start, list, stop",
            "  mpirun               the machine's mpirun, with the ranks in an image",
            "  gc                   removes what killed steps left on a node",
            "'dunnage help COMMAND' tells more of each. The tools around them:"
        },
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Exit status: 0 done, 1 not accepted or not found, 2 wrong request, 3 policy refuses, 4 image damaged or unfit, 5 image"
                    + " missing, 6 site configuration broken, 7 set-up failed or a server did, 8 no launcher answers, 9 a fault of"
                    + " Dunnage. DUNNAGE_DEBUG=1 shows stack traces."
        })
public final class Main extends BaseCommand {
    /** All commands, in the order of the help. */
    static final List<String> NAMES = List.of(
            "version",
            "verify",
            "sign",
            "key",
            "inspect",
            "mpi",
            "sif",
            "unwrap-key",
            "build",
            "pull",
            "push",
            "search",
            "cache",
            "registry",
            "policy",
            "agent",
            "doctor",
            "submit-check",
            "completion");

    private Main() {}

    /** Runs one command and ends the process with its exit status. */
    public static void main(String[] args) {
        PrintWriter out = new PrintWriter(System.out, false, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        int status = run(args, out, err, "1".equals(System.getenv("DUNNAGE_DEBUG")));
        out.flush();
        System.exit(status);
    }

    static int run(String[] args, PrintWriter out, PrintWriter err, boolean traces) {
        Failures failures = new Failures(traces);
        boolean named = args.length > 0 && NAMES.contains(args[0]);
        return commandLine(named ? List.of(args[0]) : NAMES)
                .setOut(out)
                .setErr(err)
                .setExecutionExceptionHandler(failures)
                .setParameterExceptionHandler(failures)
                .execute(args);
    }

    static CommandLine commandLine() {
        return commandLine(NAMES);
    }

    /** With these commands alone: to look at a command costs time and memory, which a start with another one would not pay back. */
    private static CommandLine commandLine(List<String> names) {
        CommandLine line = new CommandLine(new Main());
        for (String name : names) {
            line.addSubcommand(command(name));
        }
        return line.setCaseInsensitiveEnumValuesAllowed(true);
    }

    private static BaseCommand command(String name) {
        return switch (name) {
            case "version" -> new VersionCommand();
            case "verify" -> new VerifyCommand();
            case "sign" -> new SignCommand();
            case "key" -> new KeyCommand();
            case "inspect" -> new InspectCommand();
            case "mpi" -> new MpiCommand();
            case "sif" -> new SifCommand();
            case "unwrap-key" -> new UnwrapKeyCommand();
            case "build" -> new BuildCommand();
            case "pull" -> new PullCommand();
            case "push" -> new PushCommand();
            case "search" -> new SearchCommand();
            case "cache" -> new CacheCommand();
            case "registry" -> new RegistryCommand();
            case "policy" -> new PolicyCommand();
            case "agent" -> new AgentCommand();
            case "doctor" -> new DoctorCommand();
            case "submit-check" -> new SubmitCheckCommand();
            case "completion" -> new CompletionCommand();
            default -> throw new IllegalArgumentException(name);
        };
    }

    /** Without a command there is nothing to do. */
    @Override
    public Integer call() throws CommandFailure {
        throw new CommandFailure(2, "no command was given; see dunnage --help");
    }
}
