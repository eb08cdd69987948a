package dev.dunnage.launcher.gpu;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * One file of the Container Device Interface, in JSON or YAML, as far as descriptions of GPUs use it. Of hooks, programs that
 * would run on the host, those of NVIDIA's tools are known and done without running anything; others are errors.
 *
 * @param kind such as {@code nvidia.com/gpu}
 * @param common what every device wants
 * @param devices what each wants, by name
 */
record CdiSpec(String kind, CdiEdits common, Map<String, CdiEdits> devices) {
    /** More is no description. */
    static final int MAX_BYTES = 4 << 20;

    private static final List<String> FIELDS =
            List.of("cdiVersion", "kind", "annotations", "devices", "containerEdits");
    private static final List<String> DEVICE = List.of("name", "annotations", "containerEdits");
    private static final List<String> EDITS = List.of("env", "deviceNodes", "mounts", "hooks", "additionalGids");
    private static final List<String> NODE =
            List.of("path", "hostPath", "type", "major", "minor", "fileMode", "permissions", "uid", "gid");
    private static final List<String> MOUNT = List.of("hostPath", "containerPath", "type", "options");
    private static final List<String> HOOK = List.of("hookName", "path", "args", "env", "timeout");
    /** Done by other means: the loader finds the driver's directory, and devices are the host's with their rights. */
    private static final Set<String> NEEDLESS = Set.of(
            "update-ldcache",
            "chmod",
            "enable-cuda-compat",
            "disable-device-node-modification",
            "create-soname-symlinks");

    CdiSpec {
        devices = Map.copyOf(devices);
    }

    /**
     * Reads a description.
     *
     * @param file its name, for messages
     */
    static CdiSpec read(String file, String text) throws CdiException {
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        options.setMaxAliasesForCollections(0);
        options.setCodePointLimit(MAX_BYTES);
        Object tree;
        try {
            tree = new Yaml(new SafeConstructor(options)).load(text);
        } catch (YAMLException e) {
            String said = String.valueOf(e.getMessage()).replaceAll("\\s+", " ");
            throw new CdiException(file + " is neither JSON nor YAML (" + said + "); have it written anew", e);
        }
        return of(CdiObject.of(file, tree, FIELDS));
    }

    private static CdiSpec of(CdiObject top) throws CdiException {
        String version = top.required("cdiVersion");
        if (!version.matches("(?:0|1)\\.[0-9]+\\.[0-9]+")) {
            throw new CdiException(top.place() + " has cdiVersion " + version + ", and this program reads 0 and 1");
        }
        Map<String, CdiEdits> devices = new LinkedHashMap<>();
        for (CdiObject device : top.objects("devices", DEVICE)) {
            devices.put(device.required("name"), edits(device));
        }
        return new CdiSpec(top.required("kind"), edits(top), devices);
    }

    private static CdiEdits edits(CdiObject holder) throws CdiException {
        if (holder.member("containerEdits").isEmpty()) {
            return CdiEdits.NONE;
        }
        CdiObject edits = CdiObject.of(
                holder.place() + ".containerEdits",
                holder.member("containerEdits").get(),
                EDITS);
        CdiEdits all = new CdiEdits(environment(edits), nodes(edits), mounts(edits), Map.of());
        for (CdiObject hook : edits.objects("hooks", HOOK)) {
            all = all.and(hook(hook));
        }
        return all;
    }

    private static Map<String, String> environment(CdiObject edits) throws CdiException {
        Map<String, String> environment = new LinkedHashMap<>();
        for (String variable : edits.texts("env")) {
            int equals = variable.indexOf('=');
            if (equals < 1 || !variable.substring(0, equals).matches("[A-Za-z_][A-Za-z0-9_]*")) {
                throw new CdiException(
                        edits.place() + ".env has '" + variable + "', which is no NAME=VALUE; correct it");
            }
            environment.put(variable.substring(0, equals), variable.substring(equals + 1));
        }
        return environment;
    }

    private static List<String> nodes(CdiObject edits) throws CdiException {
        List<String> nodes = new ArrayList<>();
        for (CdiObject node : edits.objects("deviceNodes", NODE)) {
            String path = node.path("path").orElseThrow(() -> new CdiException(node.place() + " lacks its path"));
            String host = node.path("hostPath").orElse(path);
            if (!path.equals(host)) {
                throw new CdiException(node.place() + " gives device " + host + " the name " + path
                        + " in the container, which is not offered; let both be the same");
            }
            nodes.add(path);
        }
        return nodes;
    }

    private static Map<String, String> mounts(CdiObject edits) throws CdiException {
        Map<String, String> mounts = new LinkedHashMap<>();
        for (CdiObject mount : edits.objects("mounts", MOUNT)) {
            String type = mount.text("type").orElse("bind");
            if (!type.isEmpty() && !type.equals("bind") && !type.equals("none")) {
                throw new CdiException(
                        mount.place() + " is of type " + type + ", and only bind is offered; take it out");
            }
            String host = mount.path("hostPath").orElseThrow(() -> new CdiException(mount.place() + " lacks hostPath"));
            mounts.put(mount.path("containerPath").orElse(host), host);
        }
        return mounts;
    }

    private static CdiEdits hook(CdiObject hook) throws CdiException {
        List<String> args = hook.texts("args");
        String program = hook.required("path");
        String verb = verb(args);
        if (program.matches(".*/(?:nvidia-ctk|nvidia-cdi-hook)")) {
            if (NEEDLESS.contains(verb)) {
                return CdiEdits.NONE;
            }
            if (verb.equals("create-symlinks")) {
                return new CdiEdits(Map.of(), List.of(), Map.of(), links(hook, args));
            }
        }
        throw new CdiException(hook.place() + " would run " + program + (verb.isEmpty() ? "" : " " + verb)
                + " on the host, and what that does is not known here; take the hook out, or remove the file so that the"
                + " driver's libraries are looked for");
    }

    /** {@code nvidia-ctk hook VERB ...}, or {@code nvidia-cdi-hook VERB ...}. */
    private static String verb(List<String> args) {
        return args.stream()
                .skip(1)
                .filter(word -> !word.equals("hook"))
                .findFirst()
                .orElse("");
    }

    /** {@code TARGET::LINK}; only names of libraries count, since everything else lies where it lies on the host. */
    private static Map<String, String> links(CdiObject hook, List<String> args) throws CdiException {
        Map<String, String> links = new LinkedHashMap<>();
        for (int at = 0; at < args.size(); at++) {
            boolean next = args.get(at).equals("--link") && at + 1 < args.size();
            String value = next
                    ? args.get(at + 1)
                    : args.get(at).startsWith("--link=") ? args.get(at).substring("--link=".length()) : "";
            if (value.isEmpty()) {
                continue;
            }
            String[] ends = value.split("::", -1);
            if (ends.length != 2) {
                throw new CdiException(
                        hook.place() + " has the link '" + value + "', which is no TARGET::LINK; correct it");
            }
            links.put(name(ends[1]), name(ends[0]));
        }
        return links;
    }

    private static String name(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
