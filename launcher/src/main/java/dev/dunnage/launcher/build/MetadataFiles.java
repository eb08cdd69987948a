package dev.dunnage.launcher.build;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The files in a root file system that say what the image is: {@code .singularity.d}, and that of each SCIF app. */
final class MetadataFiles {
    private static final String DIRECTORY = ".singularity.d";
    private static final String APPS = "scif/apps";
    private static final Pattern PATH = Pattern.compile(
            "(?:\\.singularity\\.d|scif/apps/(?<app>[^/]+)/scif)/(?<file>(?<env>env/[^/]+\\.sh)|labels\\.json|Singularity"
                    + "|runscript|runscript\\.help|startscript|test)");
    private static final Map<String, String> TEXTS = Map.of(
            "Singularity", "deffile",
            "runscript.help", "helpfile",
            "runscript", "runscript",
            "startscript", "startscript",
            "test", "test");

    private MetadataFiles() {}

    /** Directories to look into, with wild cards, relative to the root. */
    static List<String> directories() {
        return List.of(DIRECTORY, APPS + "/*/scif");
    }

    /** Whether a file, by its path from the root, is one of them. */
    static boolean isOne(String path) {
        return PATH.matcher(path).matches();
    }

    /** Puts the contents together. */
    static InspectMetadata assemble(Map<String, byte[]> files) throws ToolException {
        Map<String, Part> parts = new LinkedHashMap<>();
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Matcher path = PATH.matcher(file.getKey());
            if (path.matches()) {
                String app = path.group("app") == null ? "" : path.group("app");
                parts.computeIfAbsent(app, name -> new Part()).add(path, file.getValue());
            }
        }
        Map<String, InspectMetadata> apps = new TreeMap<>();
        parts.forEach((name, part) -> {
            if (!name.isEmpty()) {
                apps.put(name, part.with(Map.of()));
            }
        });
        return parts.getOrDefault("", new Part()).with(apps);
    }

    /** What belongs to the image itself, or to one app. */
    private static final class Part {
        private final Map<String, String> labels = new TreeMap<>();
        private final Map<String, String> environment = new TreeMap<>();
        private final Map<String, String> texts = new TreeMap<>();

        void add(Matcher path, byte[] content) throws ToolException {
            String file = path.group("file");
            String text = new String(content, StandardCharsets.UTF_8);
            if (file.equals("labels.json")) {
                labels.putAll(MetadataReader.labels(content));
            } else if (path.group("env") != null) {
                environment.put("/" + path.group(), text);
            } else {
                texts.put(TEXTS.getOrDefault(file, file), text);
            }
        }

        InspectMetadata with(Map<String, InspectMetadata> apps) {
            return new InspectMetadata(labels, environment, texts, apps);
        }
    }

    /** The files of a tree; links in it may lead out of it and do not count. */
    static Map<String, byte[]> ofTree(Path root) throws IOException, ToolException {
        Map<String, byte[]> files = new LinkedHashMap<>();
        List<Path> places = new ArrayList<>(List.of(root.resolve(DIRECTORY)));
        for (Path app : children(root.resolve(APPS))) {
            places.add(app.resolve("scif"));
        }
        for (Path place : places) {
            List<Path> candidates = new ArrayList<>(children(place));
            candidates.addAll(children(place.resolve("env")));
            for (Path file : candidates) {
                String path = root.relativize(file).toString();
                if (isOne(path)) {
                    Optional<byte[]> content = ImageBuilder.content(file);
                    content.ifPresent(bytes -> files.put(path, bytes));
                }
            }
        }
        return files;
    }

    private static List<Path> children(Path directory) throws IOException {
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            return List.of();
        }
        List<Path> children = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            entries.forEach(children::add);
        }
        children.sort(null);
        return children;
    }
}
