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
 * }</pre>
 *
 * <p>Whitelist: at least one listed key signed every part of the image. Whitestrict: every listed key did. Blacklist: no
 * listed key signed any part, and some key of the site's ring signed every part. Open: any image, never trusted.
 *
 * <p>Fails closed: whatever is wrong with the file, no policy comes out of it. Groups are checked even when
 * {@code activated} is false.
 */
public final class PolicyLoader {
    static final List<String> ROOT_KEYS = List.of("version", "ecl");
    static final List<String> ECL_KEYS = List.of("activated", "groups");

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
     * @throws SiteFileException with everything that is wrong: the file is missing, not readable, owned or writable by
     *     somebody it should not be, larger than 1 MiB, not exactly one YAML document, or breaks the format
     */
    public Policy load(Path file) throws SiteFileException {
        String text = SiteFile.read(file, rule);
        Findings findings = new Findings(file);
        Node tree = YamlTree.parse(text, findings);
        Optional<Policy> policy = Section.of(tree, findings, ROOT_KEYS)
                .filter(Section::hasKnownVersion)
                .flatMap(root -> root.required("ecl", "add a mapping with 'activated' and 'groups'"))
                .flatMap(node -> Section.of(node, findings, ECL_KEYS))
                .flatMap(ecl -> policy(file, ecl, findings));
        findings.check();
        return policy.orElseThrow(() -> new IllegalStateException("no policy and no finding"));
    }

    private static Optional<Policy> policy(Path file, Section ecl, Findings findings) {
        Optional<Node> activated = ecl.required("activated", "write 'activated: true', or false to check nothing");
        List<Group> groups = ecl.node("groups")
                .flatMap(ecl::list)
                .map(items -> new GroupReader(findings).read(items))
                .orElse(List.of());
        return activated.flatMap(node -> ecl.flag(node).map(on -> new Policy(file, on, node.line(), groups)));
    }
}
