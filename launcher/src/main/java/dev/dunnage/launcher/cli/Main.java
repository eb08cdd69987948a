package dev.dunnage.launcher.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code dunnage}, the commands that run on Java. */
@Command(
        name = "dunnage",
        description = {
            "Runs SIF containers: as native Slurm job steps (srun --container=IMAGE), and without Slurm and root:",
            "  dunnage exec IMAGE PROGRAM    dunnage run IMAGE    dunnage shell IMAGE    dunnage test IMAGE",
            "each with its own --help. These are the tools around them."
        },
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            VersionCommand.class,
            VerifyCommand.class,
            SignCommand.class,
            KeyCommand.class,
            InspectCommand.class,
            MpiCommand.class,
            SifCommand.class,
            UnwrapKeyCommand.class,
            BuildCommand.class,
            PullCommand.class,
            PushCommand.class,
            SearchCommand.class,
            CacheCommand.class,
            RegistryCommand.class,
            PolicyCommand.class,
            AgentCommand.class,
            DoctorCommand.class,
            SubmitCheckCommand.class,
            CompletionCommand.class,
        },
        footer = {
            "",
            "Exit status: 0 done, 1 not accepted or not found, 2 wrong request, 3 policy refuses, 4 image damaged or unfit, 5 image"
                    + " missing, 6 site configuration broken, 7 set-up failed or a server did, 8 no launcher answers, 9 a fault of"
                    + " Dunnage. DUNNAGE_DEBUG=1 shows stack traces."
        })
public final class Main extends BaseCommand {
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
        return commandLine()
                .setOut(out)
                .setErr(err)
                .setExecutionExceptionHandler(failures)
                .setParameterExceptionHandler(failures)
                .execute(args);
    }

    static CommandLine commandLine() {
        return new CommandLine(new Main()).setCaseInsensitiveEnumValuesAllowed(true);
    }

    /** Without a command there is nothing to do. */
    @Override
    public Integer call() throws CommandFailure {
        throw new CommandFailure(2, "no command was given; see dunnage --help");
    }
}
