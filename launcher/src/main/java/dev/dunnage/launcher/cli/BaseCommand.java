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
        List<String> all = spec.commandLine().getParseResult().originalArgs();
        int names = spec.qualifiedName().split(" ", -1).length - 1;
        return all.subList(names, all.size());
    }

    PrintWriter out() {
        return spec.commandLine().getOut();
    }

    PrintWriter err() {
        return spec.commandLine().getErr();
    }
}
