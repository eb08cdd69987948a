package dev.dunnage.policy;

import java.nio.file.Path;
import java.util.List;

/**
 * Reads the execution control list of Apptainer and SingularityCE, {@code ecl.toml}, as they write it:
 *
 * <pre>{@code
 * activated = true
 * legacyinsecure = false
 * [[execgroup]]
 *   tagname = "production"
 *   mode = "whitelist"             # whitelist | whitestrict | blacklist
 *   dirpath = "/sw/images"         # files directly in it; "" or absent: all other directories
 *   keyfp = ["40 hex digits"]
 * }</pre>
 *
 * <p>Decisions are theirs but where theirs let pass what nobody vouched for: unknown keys, wrong types, empty key lists and
 * groups without {@code activated} are refused, a missing or broken file allows nothing, and a blacklist wants a good
 * signature by a key of the ring. A file without any group and without {@code activated} is switched off, as it is there.
 */
public final class EclLoader {
    private final OwnershipRule rule;

    /**
     * Makes a loader.
     *
     * @param rule who may own the file
     */
    public EclLoader(OwnershipRule rule) {
        this.rule = rule;
    }

    /**
     * Reads a list.
     *
     * @throws SiteFileException with everything that is wrong: the file is missing, not readable, owned or writable by
     *     somebody it should not be, larger than 1 MiB, no TOML 1.0, or breaks the format
     */
    public Policy load(Path file) throws SiteFileException {
        return policy(file, EclFile.load(file, rule));
    }

    static Policy policy(Path file, EclFile ecl) {
        SignatureForm form = ecl.legacy() ? SignatureForm.LEGACY : SignatureForm.OPENPGP;
        List<RuleEntry> entries = ecl.isActive() ? PolicyAssembly.entries(file, ecl.groups(), form, true) : List.of();
        return new Policy(
                List.of(file),
                entries,
                DeniedKeys.NONE,
                new LastResort(file, ecl.line(), 1, !ecl.isActive(), LastResort.Hint.EXECGROUP),
                PolicyAssembly.count(ecl.groups().size(), "group"));
    }
}
