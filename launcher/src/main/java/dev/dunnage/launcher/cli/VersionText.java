package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.Version;
import picocli.CommandLine.IVersionProvider;

/** Answers {@code --version}. */
final class VersionText implements IVersionProvider {
    @Override
    public String[] getVersion() {
        return new String[] {"dunnage " + Version.text()};
    }
}
