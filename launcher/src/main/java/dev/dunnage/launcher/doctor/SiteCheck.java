package dev.dunnage.launcher.doctor;

import dev.dunnage.launcher.plan.SiteKeys;
import dev.dunnage.policy.PolicyLint;
import dev.dunnage.policy.Remark;
import dev.dunnage.policy.Severity;
import dev.dunnage.policy.SiteConfig;
import dev.dunnage.policy.SiteConfigLoader;
import dev.dunnage.policy.SiteFileException;
import dev.dunnage.sif.key.KeyFacts;
import dev.dunnage.sif.key.KeyRingException;
import dev.dunnage.sif.key.PemKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Policy, settings and keys, and the directories that Dunnage works in. */
final class SiteCheck implements Check {
    private static final String CURE = "install the tmpfiles.d entry and run: systemd-tmpfiles --create dunnage.conf";

    private final Instant now;

    SiteCheck(Instant now) {
        this.now = now;
    }

    @Override
    public List<Finding> look(Machine machine, Optional<String> slurm) throws IOException {
        List<Finding> findings = new ArrayList<>();
        Optional<SiteConfig> settings = settings(machine, findings);
        Optional<Set<String>> keys = settings.flatMap(found -> keys(machine, found, findings));
        policy(machine, slurm.isPresent(), keys, findings);
        if (slurm.isPresent()) {
            Optional<Integer> account = account(machine);
            if (account.isEmpty()) {
                findings.add(Finding.fail(
                        "account",
                        "the account dunnage does not exist",
                        "useradd --system --shell /usr/sbin/nologin dunnage"));
            } else {
                directories(machine, account.get(), findings);
            }
        }
        return findings;
    }

    private static Optional<SiteConfig> settings(Machine machine, List<Finding> findings) {
        Path file = machine.path("/etc/dunnage/dunnage.yaml");
        try {
            SiteConfig config = new SiteConfigLoader(machine.ownership()).load(file);
            findings.add(Finding.ok(
                    "settings", Files.exists(file) ? file + " is sound" : file + " is absent: the defaults hold"));
            return Optional.of(config);
        } catch (SiteFileException e) {
            findings.add(Finding.fail(
                    "settings",
                    e.problems().get(0).toString() + more(e.problems().size()),
                    "dunnage policy lint --settings " + file));
            return Optional.empty();
        }
    }

    private static String more(int number) {
        return number > 1 ? " (and " + (number - 1) + " more)" : "";
    }

    private static Optional<Set<String>> keys(Machine machine, SiteConfig config, List<Finding> findings) {
        Path place = config.keys().startsWith("/etc/dunnage")
                ? machine.path(config.keys().toString())
                : config.keys();
        if (!Files.isDirectory(place)) {
            findings.add(Finding.warn(
                    "keys",
                    "there is no directory " + place + ": no signature is trusted",
                    "make it, and put public keys into it as *.asc"));
            return Optional.empty();
        }
        try {
            SiteKeys keys = SiteKeys.of(List.of(place));
            Set<String> fingerprints = new HashSet<>();
            keys.ring().keys().stream().map(KeyFacts::fingerprint).forEach(fingerprints::add);
            keys.pemKeys().keys().stream()
                    .map(PemKey::facts)
                    .map(KeyFacts::fingerprint)
                    .forEach(fingerprints::add);
            findings.add(
                    fingerprints.isEmpty()
                            ? Finding.warn(
                                    "keys",
                                    place + " has no key: no signature is trusted",
                                    "put public keys into it as *.asc")
                            : Finding.ok(
                                    "keys",
                                    place + " has " + fingerprints.size()
                                            + (fingerprints.size() == 1 ? " key" : " keys")));
            return Optional.of(fingerprints);
        } catch (IOException | KeyRingException e) {
            findings.add(Finding.fail(
                    "keys",
                    String.valueOf(e.getMessage()),
                    "mend or remove the file: no container starts with a broken ring"));
            return Optional.empty();
        }
    }

    private void policy(Machine machine, boolean slurm, Optional<Set<String>> keys, List<Finding> findings)
            throws IOException {
        Path file = machine.path("/etc/dunnage/policy.yaml");
        Path list = machine.path("/etc/dunnage/ecl.toml");
        boolean isList = !Files.exists(file) && Files.exists(list);
        if (!Files.exists(file) && !isList) {
            findings.add(
                    slurm
                            ? Finding.fail(
                                    "policy",
                                    file + " does not exist: every container step is refused",
                                    "write one; README.md has an example")
                            : Finding.ok("policy", "no policy: users run what they like, as themselves"));
            return;
        }
        PolicyLint lint = new PolicyLint(machine.ownership(), now);
        List<Remark> remarks = isList ? lint.ecl(list, keys) : lint.policy(file, keys);
        Optional<Remark> worst = remarks.stream()
                .filter(remark -> remark.severity() == Severity.ERROR)
                .findFirst();
        Path shown = isList ? list : file;
        if (worst.isPresent()) {
            findings.add(Finding.fail(
                    "policy", worst.get().problem() + more(remarks.size()), "dunnage policy lint " + shown));
        } else if (!remarks.isEmpty()) {
            findings.add(Finding.warn(
                    "policy", remarks.get(0).problem() + more(remarks.size()), "dunnage policy lint " + shown));
        } else {
            findings.add(Finding.ok("policy", shown + " is sound"));
        }
    }

    private static Optional<Integer> account(Machine machine) {
        return machine.text("/etc/passwd").stream()
                .flatMap(String::lines)
                .filter(line -> line.startsWith("dunnage:"))
                .map(line -> line.split(":", -1))
                .filter(parts -> parts.length > 2 && parts[2].matches("[0-9]{1,9}"))
                .map(parts -> Integer.valueOf(parts[2]))
                .findFirst();
    }

    private static void directories(Machine machine, int account, List<Finding> findings) {
        int bad = findings.size();
        place(machine, "/etc/dunnage", 0, true, findings);
        place(machine, "/run/dunnage", account, true, findings);
        place(machine, "/var/cache/dunnage", account, true, findings);
        place(machine, "/var/log/dunnage", account, false, findings);
        if (findings.size() == bad) {
            findings.add(Finding.ok(
                    "directories", "/etc, /run, /var/cache and /var/log have dunnage with the right owners"));
        }
    }

    private static void place(Machine machine, String path, int owner, boolean needed, List<Finding> findings) {
        Optional<Machine.Rights> rights = Machine.rights(machine.path(path));
        if (rights.isEmpty()) {
            String text = path + " does not exist, or may not be looked at";
            findings.add(needed ? Finding.fail("directories", text, CURE) : Finding.warn("directories", text, CURE));
        } else if (rights.get().owner() != owner || rights.get().writableByOthers()) {
            findings.add(Finding.fail(
                    "directories",
                    path + " has " + rights.get().text() + ", wanted is owner " + (owner == 0 ? "root" : "dunnage")
                            + " and writable by nobody else",
                    "chown " + (owner == 0 ? "root:root " : "dunnage:dunnage ") + path + "; chmod go-w " + path));
        }
    }
}
