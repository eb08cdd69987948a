package dev.dunnage.policy;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Reads the policy file, {@code /etc/dunnage/policy.yaml} on a site:
 *
 * <pre>{@code
 * version: 1
 * ecl:
 *   activated: true            # required; false is the only way to switch signature checks off
 *   groups:
 *     - name: production       # required, unique
 *       mode: whitelist        # whitelist | whitestrict | blacklist | open
 *       directory: /sw/images  # this directory and everything beneath; absent: all other directories
 *       keys: [40 hex digits]  # OpenPGP fingerprints; required but for open, where they are forbidden
 * key-groups:                  # lists of keys that rules call by name
 *   release: [40 hex digits, {key: 40 hex digits, until: 2027-12-31}]
 * deny-keys:                   # one signature by such a key refuses the image, whatever allows it
 *   - {key: 40 hex digits, reason: has left}
 * rules:                       # looked at before the groups; the first that fits decides
 *   - name: release            # required, unique
 *     match: {path: /sw/images, account: [physics], partition: gpu}
 *     require: {signed-by-at-least: {count: 2, of: [release]}}
 *     grant: {driver: auto, binds: [/scratch]}
 * include: [policy.d]          # further files with key-groups, deny-keys and rules
 * }</pre>
 *
 * <p>At least one of {@code ecl}, {@code rules} and {@code include} is there. {@code docs/policy.md} is the reference.
 *
 * <p>Whitelist: at least one listed key signed every part of the image. Whitestrict: every listed key did. Blacklist: no
 * listed key signed any part, and some key of the site's ring signed every part. Open: any image, never trusted.
 *
 * <p>Fails closed: whatever is wrong with the file, no policy comes out of it. Groups are checked even when
 * {@code activated} is false.
 */
public final class PolicyLoader {
    private final OwnershipRule rule;

    /**
     * Makes a loader.
     *
     * @param rule who may own the file
     */
    public PolicyLoader(OwnershipRule rule) {
        this.rule = rule;
    }

    /**
     * Reads a policy.
     *
     * @throws SiteFileException with everything that is wrong: a file is missing, not readable, owned or writable by
     *     somebody it should not be, larger than 1 MiB, not exactly one YAML document, or breaks the format
     */
    public Policy load(Path file) throws SiteFileException {
        Sources sources = Sources.read(file, rule);
        Optional<Policy> policy = PolicyAssembly.of(sources);
        List<Problem> problems = sources.problems();
        if (!problems.isEmpty()) {
            throw new SiteFileException(problems);
        }
        return policy.orElseThrow(() -> new IllegalStateException("no policy and no finding"));
    }
}
