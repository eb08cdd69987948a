package dev.dunnage.launcher.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** What all commands have: help, and where to print. */
@Command(mixinStandardHelpOptions = true, versionProvider = VersionText.class)
@SuppressWarnings("NullAway.Init") // picocli fills the fields
abstract class BaseCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    /** The command line after the command's own name. */
    List<String> words() {
        return spec.commandLine().getParseResult().originalArgs();
    }

    PrintWriter out() {
        return spec.commandLine().getOut();
    }

    PrintWriter err() {
        return spec.commandLine().getErr();
    }
}
