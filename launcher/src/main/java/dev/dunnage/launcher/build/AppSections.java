package dev.dunnage.launcher.build;

import dev.dunnage.launcher.definition.Definition;
import dev.dunnage.launcher.definition.DefinitionException;
import dev.dunnage.launcher.definition.Section;
import dev.dunnage.launcher.definition.Stage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The SCIF apps of a definition: {@code /scif/apps/NAME} and {@code /scif/data/NAME}. */
record AppSections(Definition definition, Stage stage) {
    private static final Map<String, String> SCRIPTS =
            Map.of("apprun", "runscript", "apptest", "test", "appstart", "startscript");

    Set<String> names() {
        Set<String> names = new TreeSet<>();
        stage.sections().forEach(section -> section.app().ifPresent(names::add));
        return names;
    }

    private static String root(String app) {
        return "scif/apps/" + app;
    }

    /** Directories and texts of all apps. */
    void write(TreeMetadata tree) throws IOException, ToolException, DefinitionException, InterruptedException {
        Set<String> names = names();
        if (names.isEmpty()) {
            return;
        }
        TreeFiles files = new TreeFiles();
        files.directory("scif").directory("scif/apps").directory("scif/data");
        for (String app : names) {
            String root = root(app);
            for (String name : List.of("", "/bin", "/lib", "/scif", "/scif/env")) {
                files.directory(root + name);
            }
            files.directory("scif/data/" + app)
                    .directory("scif/data/" + app + "/input")
                    .directory("scif/data/" + app + "/output");
            texts(app, files);
        }
        tree.extract(files, "--unlink-first");
    }

    private void texts(String app, TreeFiles files) throws IOException, DefinitionException {
        Map<String, String> labels = new TreeMap<>();
        for (Section section : stage.sections()) {
            if (!section.app().equals(Optional.of(app))) {
                continue;
            }
            String place = root(app) + "/scif/";
            if (SCRIPTS.containsKey(section.name())) {
                // the word behind the section is the app's name, not a shell
                Section plain = new Section(section.name(), List.of(), section.body(), section.line());
                files.script(place + SCRIPTS.get(section.name()), TreeMetadata.bytes(plain.script()));
            } else if (section.name().equals("appenv")) {
                files.script(place + "env/90-environment.sh", TreeMetadata.bytes("#!/bin/sh\n\n" + section.text()));
            } else if (section.name().equals("apphelp")) {
                files.file(place + "runscript.help", TreeMetadata.bytes(section.text()));
            } else if (section.name().equals("applabels")) {
                for (Section.Line line : section.entries()) {
                    String[] parts = line.text().split("\\s+", 2);
                    if (parts.length < 2) {
                        throw definition.error(
                                line.number(), "%applabels: '" + line.text() + "' is no name with a value");
                    }
                    labels.put(parts[0], parts[1]);
                }
            }
        }
        if (!labels.isEmpty()) {
            files.file(root(app) + "/scif/labels.json", Skeleton.labels(labels));
        }
    }

    /** {@code %appfiles}: relative targets are the app's. */
    void copy(FileCopies copies, Path tree)
            throws IOException, ToolException, DefinitionException, InterruptedException {
        for (Section section : stage.all("appfiles")) {
            copies.copy(
                    section, Optional.empty(), tree, "/" + root(section.app().orElseThrow()));
        }
    }

    /** Variables of {@code %appinstall}. */
    static Map<String, String> variables(String app) {
        Map<String, String> variables = new TreeMap<>();
        variables.put("SCIF_APPNAME", app);
        variables.put("SCIF_APPROOT", "/" + root(app));
        variables.put("SCIF_APPBIN", "/" + root(app) + "/bin");
        variables.put("SCIF_APPLIB", "/" + root(app) + "/lib");
        variables.put("SCIF_APPDATA", "/scif/data/" + app);
        return variables;
    }
}
