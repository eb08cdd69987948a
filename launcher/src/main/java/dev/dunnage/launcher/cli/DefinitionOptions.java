package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.definition.Definition;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import picocli.CommandLine.Option;

/** What a user says about a definition file: values of its variables, and which sections count. */
final class DefinitionOptions {
    private static final String ARGUMENT = "[A-Za-z_][A-Za-z0-9_]*=[^\n]*";
    private static final int FILE_LIMIT = 1 << 20;
    private static final Set<String> SECTIONS = Set.of(
            "pre", "setup", "files", "post", "environment", "runscript", "startscript", "test", "labels", "help");

    @Option(
            names = "--build-arg",
            paramLabel = "NAME=VALUE",
            description = "Value for {{ NAME }} in the definition file, in place of the default in %%arguments.")
    private List<String> arguments = List.of();

    @Option(
            names = "--build-arg-file",
            paramLabel = "FILE",
            description = "File with lines NAME=VALUE, as --build-arg, which is stronger; # begins a comment.")
    private Optional<Path> argumentFile = Optional.empty();

    @Option(
            names = "--section",
            paramLabel = "NAME,...",
            split = ",",
            description =
                    "Only these sections of the definition: pre, setup, files, post, environment, runscript, startscript,"
                            + " test, labels, help; all (the default) or none. Sections of apps count with all only.")
    private List<String> sections = List.of("all");

    Map<String, String> arguments() throws IOException, CommandFailure {
        Map<String, String> values = new TreeMap<>();
        if (argumentFile.isPresent()) {
            Path file = argumentFile.get();
            if (!Files.isReadable(file) || Files.size(file) > FILE_LIMIT) {
                throw new CommandFailure(
                        2,
                        "--build-arg-file " + file
                                + " is not there, not readable or larger than 1 MiB; check the path");
            }
            int number = 0;
            for (String line : new String(Files.readAllBytes(file), StandardCharsets.UTF_8).split("\r?\n", -1)) {
                number++;
                if (!line.isBlank() && !line.strip().startsWith("#")) {
                    put(values, line.strip(), "--build-arg-file " + file + ":" + number + ": ");
                }
            }
        }
        for (String argument : arguments) {
            put(values, argument, "--build-arg ");
        }
        return values;
    }

    private static void put(Map<String, String> values, String argument, String option) throws CommandFailure {
        if (!argument.matches(ARGUMENT)) {
            throw new CommandFailure(2, option + argument + " is not NAME=VALUE on one line");
        }
        int equals = argument.indexOf('=');
        values.put(argument.substring(0, equals), argument.substring(equals + 1));
    }

    Definition choose(Definition definition) throws CommandFailure {
        Set<String> names = new TreeSet<>(sections);
        for (String name : names) {
            if (!SECTIONS.contains(name) && !name.equals("all") && !name.equals("none")) {
                throw new CommandFailure(
                        2,
                        "--section " + name + " is none of all, none, " + String.join(", ", new TreeSet<>(SECTIONS))
                                + "; several have commas between them");
            }
        }
        return names.contains("all") ? definition : definition.only(names);
    }
}
