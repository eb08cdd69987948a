package dev.dunnage.launcher.mpi;

import dev.dunnage.mpi.facts.MpiFamily;
import dev.dunnage.mpi.host.ClosedSet;
import dev.dunnage.mpi.host.HostFacts;
import dev.dunnage.mpi.host.HostMpi;
import dev.dunnage.mpi.host.SlurmPmi;
import dev.dunnage.policy.MpiProfile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a machine offers, in the form that sites write down. */
public final class HostProfile {
    private HostProfile() {}

    /** The profile of a machine that was looked at. */
    public static MpiProfile of(HostFacts facts) {
        return new MpiProfile(
                facts.slurm().map(SlurmPmi::types).orElse(List.of()),
                facts.tree().pmix(),
                facts.tree().libcVersion(),
                facts.installations().stream().map(HostProfile::installation).toList(),
                facts.sets().stream().map(HostProfile::set).toList());
    }

    /** The family's word in site files. */
    public static String word(MpiFamily family) {
        return switch (family) {
            case OPEN_MPI -> "openmpi";
            case MPICH -> "mpich";
            case CRAY -> "cray";
            case STANDARD -> "standard";
            case UNKNOWN -> "unknown";
        };
    }

    private static MpiProfile.Installation installation(HostMpi mpi) {
        return new MpiProfile.Installation(
                word(mpi.library().family()),
                mpi.library().version(),
                Path.of(mpi.library().path()),
                mpi.closureGlibc(),
                mpi.launchers().stream().map(Path::of).toList());
    }

    private static MpiProfile.ComponentSet set(ClosedSet set) {
        return new MpiProfile.ComponentSet(
                set.name(),
                Path.of(set.directory()),
                set.glibc(),
                set.libraries().stream().map(Path::of).toList());
    }

    /** Members of a JSON object; {@code docs/json.md} has the shapes. */
    public static Map<String, Object> members(MpiProfile profile) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("slurm", profile.slurm());
        members.put("pmix", profile.pmix());
        members.put("glibc", profile.glibc());
        members.put(
                "installations",
                profile.installations().stream().map(HostProfile::members).toList());
        members.put("sets", profile.sets().stream().map(HostProfile::members).toList());
        return members;
    }

    private static Map<String, Object> members(MpiProfile.Installation mpi) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("family", mpi.family());
        members.put("version", mpi.version());
        members.put("library", mpi.library().toString());
        members.put("glibc", mpi.glibc());
        members.put("launchers", texts(mpi.launchers()));
        return members;
    }

    private static Map<String, Object> members(MpiProfile.ComponentSet set) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("name", set.name());
        members.put("directory", set.directory().toString());
        members.put("glibc", set.glibc());
        members.put("libraries", texts(set.libraries()));
        return members;
    }

    private static List<String> texts(List<Path> paths) {
        return paths.stream().map(Path::toString).toList();
    }

    /** The key {@code mpi} of {@code dunnage.yaml}. */
    public static String yaml(MpiProfile profile) {
        StringBuilder text = new StringBuilder("mpi:\n");
        map(text, "  ", members(profile));
        return text.toString();
    }

    private static void map(StringBuilder text, String indent, Map<?, ?> members) {
        members.forEach((name, member) -> value(text, indent, String.valueOf(name), member));
    }

    private static void value(StringBuilder text, String indent, String name, Object value) {
        if (value instanceof Optional<?> optional) {
            optional.ifPresent(present -> value(text, indent, name, present));
        } else if (value instanceof List<?> list) {
            if (list.isEmpty()) {
                text.append(indent).append(name).append(": []\n");
                return;
            }
            text.append(indent).append(name).append(":\n");
            list.forEach(item -> item(text, indent + "  ", item));
        } else {
            text.append(indent)
                    .append(name)
                    .append(": ")
                    .append(scalar(String.valueOf(value)))
                    .append('\n');
        }
    }

    private static void item(StringBuilder text, String indent, Object item) {
        if (item instanceof Map<?, ?> map) {
            StringBuilder members = new StringBuilder();
            map(members, indent + "  ", map);
            text.append(indent).append("- ").append(members.substring(indent.length() + 2));
        } else {
            text.append(indent)
                    .append("- ")
                    .append(scalar(String.valueOf(item)))
                    .append('\n');
        }
    }

    /** Plain where no reader could take it for a number or a mark. */
    private static String scalar(String text) {
        return text.matches("[a-z/][A-Za-z0-9_./+-]*") && !text.matches("true|false|yes|no|on|off|null|y|n")
                ? text
                : "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }
}
