package dev.dunnage.launcher.doctor;

import dev.dunnage.launcher.json.JsonDocument;
import dev.dunnage.policy.NetworkGrant;
import dev.dunnage.policy.PolicyLoader;
import dev.dunnage.policy.SiteFileException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The site's networks on this node, judged as {@code native/cni} does when a step wants one, and those that the policy grants. */
final class NetworksCheck implements Check {
    private static final String CHECK = "networks";
    private static final String DIRECTORY = "/etc/dunnage/networks";
    private static final String USUAL_PLUGINS = "/usr/lib/cni";
    private static final Pattern PLUGINS = Pattern.compile("\\snetwork_plugins=(\\S+)");
    private static final Pattern TYPE = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}");
    private static final Set<String> VERSIONS = Set.of("0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0");
    private static final Set<String> USERS_OF_IPTABLES = Set.of("portmap", "firewall");
    private static final int MOST_PLUGINS = 16;
    private static final long LARGEST = 1 << 20;

    /** What is wrong with one file: the first that a step would be told. */
    private static final class Unfit extends Exception {
        private static final long serialVersionUID = 1L;
        private final String cure;

        Unfit(String text, String cure) {
            super(text);
            this.cure = cure;
        }

        Finding finding() {
            return Finding.fail(CHECK, String.valueOf(getMessage()), cure);
        }
    }

    @Override
    public List<Finding> look(Machine machine, Optional<String> slurm) throws IOException {
        if (slurm.isEmpty()) {
            return List.of();
        }
        List<Finding> findings = new ArrayList<>();
        List<String> here = files(machine);
        try {
            if (!here.isEmpty()) {
                checkOwner(machine, DIRECTORY);
            }
            for (String name : here) {
                try {
                    look(machine, name);
                } catch (Unfit e) {
                    findings.add(e.finding());
                }
            }
        } catch (Unfit e) {
            findings.add(e.finding());
        }
        granted(machine, here, findings);
        if (findings.isEmpty() && !here.isEmpty()) {
            findings.add(Finding.ok(CHECK, DIRECTORY + " has " + String.join(", ", here)));
        }
        return findings;
    }

    /** The names that files give. */
    private static List<String> files(Machine machine) throws IOException {
        List<String> names = new ArrayList<>();
        Path directory = machine.path(DIRECTORY);
        if (Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + NetworkGrant.SUFFIX)) {
                files.forEach(
                        file -> names.add(String.valueOf(file.getFileName()).replaceFirst("\\.conflist$", "")));
            }
        }
        Collections.sort(names);
        return names;
    }

    private static void checkOwner(Machine machine, String path) throws Unfit {
        Optional<Machine.Rights> found = Machine.rights(machine.path(path));
        if (found.isEmpty()
                || found.get().owner() != machine.owner()
                || found.get().writableByOthers()) {
            throw new Unfit(
                    path + found.map(rights -> " has " + rights.text()).orElse(" may not be looked at")
                            + ": it must belong to root and be writable for root alone",
                    "chown root:root " + path + "; chmod go-w " + path);
        }
    }

    private static void look(Machine machine, String name) throws IOException, Unfit {
        String path = DIRECTORY + "/" + name + NetworkGrant.SUFFIX;
        if (!NetworkGrant.isChoice(name)) {
            throw new Unfit(
                    path + " can be named by nobody",
                    "rename it, and its 'name', to up to 31 small letters, digits and '-'");
        }
        checkOwner(machine, path);
        JsonDocument list = list(machine, path);
        if (!list.text("name").equals(Optional.of(name))) {
            throw new Unfit(
                    path + " describes another network than the one of its name", "write \"name\": \"" + name + "\"");
        } else if (!VERSIONS.contains(list.text("cniVersion").orElse(""))) {
            throw new Unfit(
                    path + " has no cniVersion that is served", "write one of 0.3.0, 0.3.1, 0.4.0, 1.0.0, 1.1.0");
        }
        List<JsonDocument> plugins = list.objects("plugins");
        if (plugins.isEmpty() || plugins.size() > MOST_PLUGINS) {
            throw new Unfit(path + " has " + plugins.size() + " plugins", "write 1 to " + MOST_PLUGINS + " of them");
        }
        for (JsonDocument plugin : plugins) {
            look(machine, path, plugin);
        }
    }

    private static JsonDocument list(Machine machine, String path) throws Unfit {
        Path file = machine.path(path);
        try {
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || Files.size(file) > LARGEST) {
                throw new Unfit(path + " is no file, or larger than 1 MiB", "write it anew");
            }
            return JsonDocument.parse(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new Unfit(
                    path + " cannot be used: "
                            + String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
                    "write a list of plugins as JSON; a sample is PREFIX/etc/networks/lab.conflist");
        }
    }

    private static void look(Machine machine, String path, JsonDocument plugin) throws Unfit {
        List<String> types = new ArrayList<>(List.of(plugin.text("type").orElse("")));
        plugin.object("ipam").text("type").ifPresent(types::add);
        for (String type : types) {
            if (!TYPE.matcher(type).matches()) {
                throw new Unfit(path + " has a plugin without a type that names a program", "write its \"type\"");
            }
            program(machine, path, type);
        }
        boolean needsIptables = USERS_OF_IPTABLES.contains(types.get(0))
                || plugin.flag("ipMasq").orElse(false);
        if (needsIptables && machine.program("iptables").isEmpty()) {
            throw new Unfit(
                    path + ": plugin " + types.get(0) + " needs iptables, which is not installed", "install iptables");
        }
    }

    private static void program(Machine machine, String path, String type) throws Unfit {
        String program = plugins(machine) + "/" + type;
        if (!Files.isExecutable(machine.path(program))) {
            throw new Unfit(
                    path + " wants plugin " + type + ", and there is no program " + program,
                    "install it (Debian: containernetworking-plugins), or name its directory with network_plugins= in plugstack.conf");
        }
        checkOwner(machine, plugins(machine));
        checkOwner(machine, program);
    }

    /** Where the plugin of Slurm says that they are. */
    private static String plugins(Machine machine) {
        return Stream.of("/etc/slurm/plugstack.conf", "/etc/slurm-llnl/plugstack.conf")
                .flatMap(file -> machine.text(file).stream())
                .flatMap(String::lines)
                .filter(line -> line.contains("spank_dunnage.so"))
                .map(PLUGINS::matcher)
                .filter(Matcher::find)
                .map(found -> found.group(1))
                .findFirst()
                .orElse(USUAL_PLUGINS);
    }

    private static void granted(Machine machine, List<String> here, List<Finding> findings) {
        Path file = machine.path("/etc/dunnage/policy.yaml");
        if (!Files.exists(file)) {
            return;
        }
        try {
            Set<String> missing = new TreeSet<>(
                    new PolicyLoader(machine.ownership()).load(file).networks());
            missing.removeAll(here);
            for (String name : missing) {
                findings.add(Finding.warn(
                        CHECK,
                        "the policy grants the network '" + name + "', which this node does not have",
                        "write " + DIRECTORY + "/" + name + NetworkGrant.SUFFIX
                                + ", or take the name out of the policy"));
            }
        } catch (SiteFileException e) {
            return; // SiteCheck tells it
        }
    }
}
