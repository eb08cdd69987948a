package dev.dunnage.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Each directory of {@code accepted} holds a policy and a table of images, facts and decisions. */
class DecisionTablesTest {
    private static final Map<String, String> KEYS = Map.of(
            "A", "8F1CDA07E78D8977D563FEC48F7375D9147D09E0",
            "B", "25404559E0E349DCF06F58BB138521E3844DF69B",
            "C", "3062A38F6D7B19124582D3055BE091D23BF4E6B7",
            "D", "FA0B4FD3406DCD5506CA87AD06FA5E44C3C7F5E9");

    @TestFactory
    Stream<DynamicTest> tables() throws Exception {
        List<DynamicTest> tests = new ArrayList<>();
        for (Path directory : Cases.in("accepted")) {
            if (!Files.exists(directory.resolve("decisions.txt"))) {
                continue; // rules are tried with cases, see RulesTest
            }
            Policy policy = new PolicyLoader(OwnershipRule.any()).load(directory.resolve("policy.yaml"));
            for (String row : rows(directory)) {
                tests.add(DynamicTest.dynamicTest(directory.getFileName() + ": " + row, () -> check(policy, row)));
            }
        }
        assertThat(tests).hasSizeGreaterThan(50);
        return tests.stream();
    }

    private static List<String> rows(Path directory) throws IOException {
        return Files.readAllLines(directory.resolve("decisions.txt")).stream()
                .filter(line -> !line.startsWith("#"))
                .toList();
    }

    private static void check(Policy policy, String row) {
        List<String> cells =
                Arrays.stream(row.split("\\|", -1)).map(String::strip).toList();
        assertThat(cells).as("columns").hasSize(8);
        Rule rule = Cases.rule(policy, Path.of(cells.get(0)));
        Optional<String> rejection = Optional.of(cells.get(1)).filter(text -> !text.isEmpty());

        Decision decision = rule.decide(new SignatureFacts(rejection, keys(cells.get(2)), keys(cells.get(3))));

        assertThat(outcome(decision)).as(decision.oneLine()).isEqualTo(cells.get(4));
        assertThat(decision.rule()).isEqualTo(cells.get(5)).isEqualTo(rule.name());
        assertThat(decision.line()).isEqualTo(Integer.parseInt(cells.get(6))).isEqualTo(rule.line());
        assertThat(decision.file()).isEqualTo(policy.file());
        assertThat(decision.oneLine())
                .contains(cells.get(7), policy.file() + ":" + decision.line())
                .doesNotContain("\n");
        assertTrustImpliesCheck(rule, decision);
    }

    private static void assertTrustImpliesCheck(Rule rule, Decision decision) {
        if (decision instanceof Decision.Allow allow) {
            assertThat(allow.trusted()).isEqualTo(rule.demandsSignature());
        }
    }

    private static String outcome(Decision decision) {
        if (decision instanceof Decision.Allow allow) {
            return allow.trusted() ? "trusted" : "untrusted";
        }
        return "deny";
    }

    private static Set<String> keys(String cell) {
        return Arrays.stream(cell.split(" ", -1))
                .filter(name -> !name.isEmpty())
                .map(name -> KEYS.getOrDefault(name, name))
                .collect(Collectors.toSet());
    }
}
