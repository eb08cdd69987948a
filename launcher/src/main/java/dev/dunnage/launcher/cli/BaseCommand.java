package dev.dunnage.launcher.cli;

import java.io.PrintWriter;
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

    PrintWriter out() {
        return spec.commandLine().getOut();
    }

    PrintWriter err() {
        return spec.commandLine().getErr();
    }
}
