package dev.dunnage.launcher.doctor;

import dev.dunnage.mpi.elf.ElfException;
import dev.dunnage.mpi.elf.ElfFile;
import dev.dunnage.mpi.host.HostScan;
import dev.dunnage.mpi.host.SlurmPmi;
import dev.dunnage.mpi.tree.FileBytes;
import dev.dunnage.mpi.tree.TreePaths;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether Slurm loads the plugin, and the plugin is made for this Slurm. */
final class SlurmCheck implements Check {
    private static final List<String> PLUGSTACK =
            List.of("/etc/slurm/plugstack.conf", "/etc/slurm-llnl/plugstack.conf", "/usr/local/etc/plugstack.conf");
    private static final List<String> CONF = List.of("/etc/slurm/slurm.conf", "/etc/slurm-llnl/slurm.conf");
    private static final Pattern NAMED = Pattern.compile("(?im)^\\s*PlugStackConfig\\s*=\\s*(\\S+)");
    private static final Pattern INCLUDE = Pattern.compile("include\\s+(\\S+)");
    private static final Pattern LINE = Pattern.compile("(required|optional)\\s+(\\S*spank_dunnage\\.so)(?:\\s.*)?");
    private static final int MAX_CONF = 4 << 20;
    private static final int MAX_DEPTH = 4;
    private static final String CHECK = "slurm";

    private record Entry(String file, boolean required, String plugin) {}

    @Override
    public List<Finding> look(Machine machine, Optional<String> slurm) throws IOException {
        TreePaths tree = machine.tree();
        if (slurm.isEmpty()) {
            return List.of(Finding.ok(CHECK, "no Slurm on this machine: dunnage exec and its like work without"));
        }
        List<Finding> findings = new ArrayList<>();
        Optional<Entry> entry = entry(tree, slurm.get());
        if (entry.isEmpty()) {
            String prefix = machine.prefix().map(Object::toString).orElse("PREFIX");
            findings.add(Finding.fail(
                    CHECK,
                    "plugstack.conf does not name spank_dunnage.so, so that srun knows no containers",
                    "add the line: required " + prefix + "/lib/dunnage/spank_dunnage.so"));
        } else {
            plugin(tree, entry.get(), slurm.get(), findings);
        }
        findings.add(pmi(HostScan.slurm(tree)));
        return findings;
    }

    private static Finding pmi(Optional<SlurmPmi> pmi) {
        return pmi.isEmpty()
                ? Finding.warn(
                        "pmi",
                        "Slurm has no PMI plug-in: MPI programs run alone",
                        "install Slurm's mpi_pmix or mpi_pmi2")
                : Finding.ok("pmi", "srun --mpi= " + String.join(", ", pmi.get().types()));
    }

    private static void plugin(TreePaths tree, Entry entry, String plugins, List<Finding> findings) throws IOException {
        if (!entry.required()) {
            findings.add(Finding.fail(
                    CHECK,
                    entry.file() + " names the plugin as optional: Slurm ignores what it refuses then",
                    "write required instead of optional"));
        }
        Optional<String> real = tree.realFile(entry.plugin());
        if (real.isEmpty()) {
            findings.add(Finding.fail(
                    CHECK,
                    entry.file() + " names " + entry.plugin() + ", which is not there",
                    "install Dunnage there"));
            return;
        }
        OptionalLong ours = release(tree, real.get());
        OptionalLong theirs = slurm(tree, plugins);
        if (ours.isEmpty() || theirs.isEmpty()) {
            findings.add(Finding.warn(
                    CHECK,
                    "the Slurm release of " + (ours.isEmpty() ? entry.plugin() : plugins) + " cannot be told",
                    "check that the file is a plugin of Slurm"));
        } else if (major(ours.getAsLong()) != major(theirs.getAsLong())) {
            findings.add(Finding.fail(
                    CHECK,
                    entry.plugin() + " is built for Slurm " + text(ours.getAsLong()) + ", this is Slurm "
                            + text(theirs.getAsLong()),
                    "build and install Dunnage again with this Slurm's headers"));
        } else if (entry.required()) {
            findings.add(Finding.ok(
                    CHECK,
                    "plugstack.conf requires " + entry.plugin() + ", built for Slurm " + text(ours.getAsLong())
                            + "; this is " + text(theirs.getAsLong())));
        }
    }

    private static long major(long release) {
        return release >> 8;
    }

    private static String text(long release) {
        return (release >> 16) + "." + String.format("%02d", release >> 8 & 0xff) + "." + (release & 0xff);
    }

    /** A plugin of Slurm's own tells its release as ours does. */
    private static OptionalLong slurm(TreePaths tree, String directory) throws IOException {
        for (String name : List.of("mpi_none.so", "auth_munge.so", "select_linear.so")) {
            Optional<String> real = tree.realFile(TreePaths.in(directory, name));
            if (real.isPresent()) {
                return release(tree, real.get());
            }
        }
        return OptionalLong.empty();
    }

    private static OptionalLong release(TreePaths tree, String file) throws IOException {
        try (FileBytes bytes = tree.tree().open(file)) {
            return ElfFile.word(bytes, "plugin_version");
        } catch (ElfException e) {
            return OptionalLong.empty();
        }
    }

    private static Optional<Entry> entry(TreePaths tree, String plugins) throws IOException {
        List<String> files = new ArrayList<>();
        for (String conf : CONF) {
            Matcher named = NAMED.matcher(content(tree, conf));
            while (named.find()) {
                files.add(named.group(1));
            }
        }
        files.addAll(PLUGSTACK);
        for (String file : files) {
            Optional<Entry> found = entry(tree, plugins, file, 0);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private static Optional<Entry> entry(TreePaths tree, String plugins, String file, int depth) throws IOException {
        for (String each : content(tree, file).lines().toList()) {
            String line = each.strip();
            Matcher ours = LINE.matcher(line);
            if (ours.matches()) {
                String path = ours.group(2);
                return Optional.of(new Entry(
                        file,
                        ours.group(1).equals("required"),
                        path.startsWith("/") ? path : TreePaths.in(plugins, path)));
            }
            Matcher include = INCLUDE.matcher(line);
            if (include.matches() && depth < MAX_DEPTH) {
                for (String included : matching(tree, TreePaths.parent(file), include.group(1))) {
                    Optional<Entry> found = entry(tree, plugins, included, depth + 1);
                    if (found.isPresent()) {
                        return found;
                    }
                }
            }
        }
        return Optional.empty();
    }

    private static List<String> matching(TreePaths tree, String beside, String pattern) throws IOException {
        String path = pattern.startsWith("/") ? pattern : TreePaths.in(beside, pattern);
        String directory = TreePaths.parent(path);
        Pattern names = Pattern.compile(
                ("\\Q" + TreePaths.name(path) + "\\E").replace("*", "\\E.*\\Q").replace("?", "\\E.\\Q"));
        return tree.names(directory).stream()
                .filter(name -> names.matcher(name).matches())
                .map(name -> TreePaths.in(directory, name))
                .toList();
    }

    private static String content(TreePaths tree, String file) throws IOException {
        return tree.content(file, MAX_CONF)
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
                .orElse("");
    }
}
