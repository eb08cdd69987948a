package dev.dunnage.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Each directory of {@code accepted} with {@code cases.yaml} is a policy that must decide these cases as they say. */
class RulesTest {

    @TestFactory
    Stream<DynamicTest> cases() throws Exception {
        List<DynamicTest> tests = new ArrayList<>();
        for (Path directory : Cases.in("accepted")) {
            if (Files.exists(directory.resolve("cases.yaml"))) {
                for (CaseResult result : results(directory)) {
                    tests.add(DynamicTest.dynamicTest(
                            directory.getFileName() + ": " + result.name(),
                            () -> assertThat(result.passed())
                                    .as(String.join("\n", result.lines()))
                                    .isTrue()));
                }
            }
        }
        assertThat(tests).hasSizeGreaterThan(90);
        return tests.stream();
    }

    /** How the cases of one policy are explained, whole. */
    @Test
    void explanations() throws Exception {
        Path directory = Cases.root().resolve("accepted/rules-denied-keys");

        String seen = results(directory).stream()
                .flatMap(
                        result -> Stream.concat(Stream.of("# " + result.name()), result.explanation().lines().stream()))
                .map(line -> line.replace(directory + "/", "") + "\n")
                .collect(Collectors.joining());

        Cases.golden(directory.resolve("explanations.txt"), seen);
    }

    @Test
    void explanationAndRuleNeverDiffer() throws Exception {
        for (Path directory : Cases.in("accepted")) {
            Path file = directory.resolve("cases.yaml");
            if (Files.exists(file)) {
                Policy policy = new PolicyLoader(OwnershipRule.any()).load(directory.resolve("policy.yaml"));
                for (CaseFile.Case each : CaseFileReader.read(file).cases()) {
                    Explanation seen = policy.explain(each.subject(), each.image(), each.signatures(), each.time());
                    Rule rule = policy.ruleFor(each.subject(), each.image(), each.time());

                    assertThat(seen.decision()).isEqualTo(rule.decide(each.signatures()));
                    int lists = policy.denied().entries().isEmpty() ? 0 : 1;
                    assertThat(seen.rules()).hasSize(policy.entries().size() + lists);
                    assertThat(seen.rules().stream().filter(c -> c.result() == Considered.Result.DECIDED))
                            .hasSizeLessThan(2)
                            .allMatch(c -> c.rule().equals(seen.decision().rule())
                                    && c.line() == seen.decision().line());
                }
            }
        }
    }

    @Test
    void needsNameWhatRulesLookAt() throws Exception {
        assertThat(load("rules-matching").needs()).containsExactlyInAnyOrder(Need.values());
        assertThat(load("rules-requirements").needs()).isEmpty();
        assertThat(load("modes").needs()).isEmpty();
    }

    @Test
    void filesNameEverythingThatWasRead() throws Exception {
        Path directory = Cases.root().resolve("accepted/rules-included");

        assertThat(load("rules-included").files())
                .extracting(file -> directory.relativize(file).toString())
                .containsExactly(
                        "policy.yaml",
                        "more.yaml",
                        "policy.d/10-team.yaml",
                        "policy.d/20-rest.yaml",
                        "last/end.yaml",
                        "policy.d");
        assertThat(load("rules-included").summary()).endsWith("policy.yaml: active, 5 rules, 0 groups");
    }

    @Test
    void callerLearnsWhatVerificationIsFor() throws Exception {
        Policy policy = load("rules-requirements");

        Rule legacy = Cases.rule(policy, Path.of("/old/x.sif"));
        Rule open = Cases.rule(policy, Path.of("/free/x.sif"));
        Rule closed = Cases.rule(policy, Path.of("/closed/x.sif"));
        Rule openButDenied = load("rules-denied-keys")
                .ruleFor(Subject.unknown(), ImageFacts.at(Path.of("/free/x.sif")), Instant.EPOCH);

        assertThat(legacy.signatureForm()).isEqualTo(SignatureForm.LEGACY);
        assertThat(legacy.demandsSignature()).isTrue();
        assertThat(Cases.rule(policy, Path.of("/any/x.sif")).signatureForm()).isEqualTo(SignatureForm.MODERN);
        assertThat(open.look()).isEqualTo(Look.NOTHING);
        assertThat(closed.look()).isEqualTo(Look.NOTHING);
        assertThat(openButDenied.look()).isEqualTo(Look.CLAIMS);
        assertThat(openButDenied.demandsSignature()).isFalse();
    }

    @Test
    void ruleThatLooksAtMoreThanThePathRefusesSomebodyUnknown() throws Exception {
        Rule rule = Cases.rule(load("rules-matching"), Path.of("/people/x.sif"));

        assertThat(rule.name()).isEqualTo("people");
        assertThat(rule.decide(CaseFactsReader.UNSIGNED).oneLine())
                .startsWith("refused by rule 'people'")
                .contains("the user is not known here");
    }

    @Test
    void claimsForbidAndAllowNothing() throws Exception {
        Policy policy = load("rules-denied-keys");
        String denied = policy.denied().entries().keySet().iterator().next();
        Rule free = Cases.rule(policy, Path.of("/free/x.sif"));

        assertThat(free.decide(SignatureFacts.unverified(Set.of(denied))).oneLine())
                .startsWith("refused by rule '(denied key)'")
                .contains(denied);
        assertThat(free.decide(SignatureFacts.unverified(Set.of()))).isInstanceOf(Decision.Allow.class);
    }

    @Test
    void missingFactsAreNamedUntilTheyAreKnown() throws Exception {
        Policy policy = load("rules-matching");
        ImageFacts image = ImageFacts.at(Path.of("/people/x.sif"));

        assertThat(policy.missing(Subject.unknown(), image, Instant.EPOCH)).contains(Need.USER_NAME);
        assertThat(policy.missing(Subject.unknown(), ImageFacts.at(Path.of("/nowhere/x.sif")), Instant.EPOCH))
                .doesNotContain(Need.USER_NAME);
    }

    private static Policy load(String name) throws SiteFileException {
        return new PolicyLoader(OwnershipRule.any())
                .load(Cases.root().resolve("accepted").resolve(name).resolve("policy.yaml"));
    }

    private static List<CaseResult> results(Path directory) throws SiteFileException {
        CaseFile cases = CaseFileReader.read(directory.resolve("cases.yaml"));
        Policy policy = new PolicyLoader(OwnershipRule.any()).load(directory.resolve("policy.yaml"));
        assertThat(cases.policy()).isEqualTo(Optional.of(directory.resolve("policy.yaml")));
        return PolicyTests.decide(cases, policy);
    }
}
