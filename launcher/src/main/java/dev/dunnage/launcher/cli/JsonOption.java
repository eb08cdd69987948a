package dev.dunnage.launcher.cli;

import picocli.CommandLine.Option;

/** {@code --json} of every command that prints data. */
final class JsonOption {
    @Option(
            names = "--json",
            description = "Print JSON, one object on a line; docs/json.md of the documentation has the shapes.")
    private boolean json;

    boolean wanted() {
        return json;
    }
}
