package dev.dunnage.launcher.build;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The part of {@code /.singularity.d} that is the same in every image, and the links to it at the root. */
final class Skeleton {
    static final String DIRECTORY = ".singularity.d";

    private static final List<String> ACTIONS = List.of("exec", "run", "shell", "start", "test");
    private static final List<String> ENVIRONMENT =
            List.of("01-base.sh", "90-environment.sh", "95-apps.sh", "99-base.sh", "99-runtimevars.sh");

    private Skeleton() {}

    /** Puts it into a tree. */
    static TreeFiles into(TreeFiles files) {
        files.directory(DIRECTORY).directory(DIRECTORY + "/actions").directory(DIRECTORY + "/env");
        files.directory(DIRECTORY + "/libs");
        ACTIONS.forEach(name -> copy("actions/" + name, files));
        ENVIRONMENT.forEach(name -> copy("env/" + name, files));
        copy("startscript", files);
        for (String name : List.of("exec", "run", "shell", "test")) {
            files.link("." + name, DIRECTORY + "/actions/" + name);
        }
        files.link("singularity", DIRECTORY + "/runscript");
        return files.link("environment", DIRECTORY + "/env/90-environment.sh");
    }

    private static void copy(String name, TreeFiles files) {
        try (InputStream in = Skeleton.class.getResourceAsStream("skeleton/" + name)) {
            if (in == null) {
                throw new IllegalStateException("the installation lacks " + name);
            }
            files.script(DIRECTORY + "/" + name, in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e); // a class path that cannot be read
        }
    }

    /** {@code labels.json}, sorted by name. */
    static byte[] labels(Map<String, String> labels) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator out = new JsonFactory().createGenerator(bytes).useDefaultPrettyPrinter()) {
            out.writeStartObject();
            for (Map.Entry<String, String> label : new TreeMap<>(labels).entrySet()) {
                out.writeStringField(label.getKey(), label.getValue());
            }
            out.writeEndObject();
        }
        return bytes.toByteArray();
    }
}
