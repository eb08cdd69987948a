package dev.dunnage.policy;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Tries a policy with cases that the site keeps as data, {@code *.yaml} in one directory:
 *
 * <pre>{@code
 * version: 1
 * policy: ../policy.yaml              # or ecl: ../ecl.toml; relative to this file
 * time: 2026-12-01                    # when the cases play, default now
 * keys: {A: 40 hex digits}            # names for keys in this file
 * cases:
 *   - name: release of physics
 *     image: {path: /sw/images/x.sif, digest: "sha256:...", source: "docker://...", labels: {a: b}}
 *     subject: {uid: 1000, user: anna, groups: [100, staff], account: physics, partition: gpu}
 *     signatures: {every-part: [A], any-part: [A], rejection: text, legacy: false}
 *     expect: allow                   # or deny
 *     rule: NAME                      # optional: which rule decides
 *     trusted: true                   # optional
 *     reason: part of the message     # optional
 * }</pre>
 *
 * <p>What a case does not say of its subject is not known. Without {@code signatures} the image is unsigned.
 */
public final class PolicyTests {
    private final OwnershipRule rule;

    /**
     * Makes the trial.
     *
     * @param rule who may own the policies that cases name; the cases themselves may be anybody's
     */
    public PolicyTests(OwnershipRule rule) {
        this.rule = rule;
    }

    /**
     * Decides every case of every {@code *.yaml} file in the directory.
     *
     * @param policy decides all cases instead of the policies that their files name
     * @throws SiteFileException when the directory holds no case, or a file or a policy cannot be used
     */
    public List<CaseResult> run(Path directory, Optional<Policy> policy) throws SiteFileException {
        List<CaseResult> results = new ArrayList<>();
        List<Problem> problems = new ArrayList<>();
        for (Path file : files(directory)) {
            try {
                results.addAll(runFile(file, policy));
            } catch (SiteFileException e) {
                problems.addAll(e.problems());
            }
        }
        if (problems.isEmpty() && results.isEmpty()) {
            problems.add(new Problem(directory, 0, 0, "", "holds no *.yaml file with cases: write one"));
        }
        if (!problems.isEmpty()) {
            throw new SiteFileException(problems);
        }
        return results;
    }

    private static List<Path> files(Path directory) throws SiteFileException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, "*.yaml")) {
            found.forEach(files::add);
        } catch (IOException | DirectoryIteratorException e) {
            Problem problem = new Problem(directory, 0, 0, "", "is no directory that can be read: name one with cases");
            throw new SiteFileException(List.of(problem));
        }
        return files.stream().sorted().toList();
    }

    private List<CaseResult> runFile(Path file, Optional<Policy> override) throws SiteFileException {
        CaseFile cases = CaseFileReader.read(file);
        return decide(cases, override.isPresent() ? override.get() : named(cases));
    }

    static List<CaseResult> decide(CaseFile cases, Policy policy) {
        List<CaseResult> results = new ArrayList<>();
        for (CaseFile.Case each : cases.cases()) {
            Explanation seen = policy.explain(each.subject(), each.image(), each.signatures(), each.time());
            List<String> complaints = each.expected().complaints(seen.decision());
            results.add(new CaseResult(cases.file(), each.line(), each.name(), complaints, seen));
        }
        return results;
    }

    private Policy named(CaseFile cases) throws SiteFileException {
        if (cases.policy().isEmpty()) {
            Problem problem =
                    new Problem(cases.file(), 1, 1, "policy", "is missing: name the policy to try, or an ecl");
            throw new SiteFileException(List.of(problem));
        }
        Path path = cases.policy().get();
        return cases.isEcl() ? new EclLoader(rule).load(path) : new PolicyLoader(rule).load(path);
    }
}
