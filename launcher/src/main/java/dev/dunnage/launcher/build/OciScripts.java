package dev.dunnage.launcher.build;

import dev.dunnage.launcher.oci.OciConfig;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** What an OCI configuration says, as the scripts that SIF runtimes look for. */
final class OciScripts {
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    private OciScripts() {}

    /**
     * {@code env/10-docker2singularity.sh}: PATH is the image's, any other variable keeps a value that the caller gave. Names that no
     * shell can set are passed over.
     */
    static byte[] environment(OciConfig config) {
        StringBuilder text = new StringBuilder("#!/bin/sh\n");
        for (String variable : config.environment()) {
            int equals = variable.indexOf('=');
            String name = equals < 0 ? variable : variable.substring(0, equals);
            if (equals < 0 || !NAME.matcher(name).matches() || variable.indexOf('\0') >= 0) {
                continue;
            }
            if (!name.equals("PATH")) {
                text.append("[ -n \"${").append(name).append(":-}\" ] || ");
            }
            text.append(name).append('=').append(quoted(variable.substring(equals + 1)));
            text.append("\nexport ").append(name).append('\n');
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    /**
     * {@code runscript}: Entrypoint with Cmd, which arguments replace; arguments alone when there is no Entrypoint. Nothing passes
     * through a shell once more, as under container engines. Without both, a shell.
     */
    static byte[] runscript(OciConfig config) {
        List<String> entrypoint = config.entrypoint();
        List<String> command = config.command();
        if (entrypoint.isEmpty() && command.isEmpty()) {
            command = List.of("/bin/sh");
        }
        StringBuilder text = new StringBuilder("#!/bin/sh\n");
        text.append("# Arguments take the place of Cmd of the OCI image.\n");
        if (!command.isEmpty()) {
            text.append("[ $# -gt 0 ] || set -- ").append(words(command)).append('\n');
        }
        text.append("exec ");
        if (!entrypoint.isEmpty()) {
            text.append(words(entrypoint)).append(' ');
        }
        return text.append("\"$@\"\n").toString().getBytes(StandardCharsets.UTF_8);
    }

    private static String words(List<String> words) {
        List<String> quoted = new ArrayList<>();
        words.forEach(word -> quoted.add(quoted(word)));
        return String.join(" ", quoted);
    }

    /** One word for a shell, whatever it holds. */
    static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }
}
