package dev.dunnage.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Each directory of {@code import} holds a list of Apptainer and the policy that it becomes. */
class EclImportTest {
    private static final EclImport IMPORT = new EclImport(OwnershipRule.any());

    @TestFactory
    Stream<DynamicTest> policies() throws IOException {
        return Cases.in("import").stream()
                .map(directory ->
                        DynamicTest.dynamicTest(directory.getFileName().toString(), () -> check(directory)));
    }

    private static void check(Path directory) throws Exception {
        Path golden = directory.resolve("policy.yaml");
        String text = IMPORT.toPolicy(directory.resolve("ecl.toml")).replace(directory + "/", "");
        Cases.golden(golden, text);

        Policy list = new EclLoader(OwnershipRule.any()).load(directory.resolve("ecl.toml"));
        Policy policy = new PolicyLoader(OwnershipRule.any()).load(golden);
        for (String image : new String[] {"/usr/x.sif", "/usr/share/x.sif", "/usr/share/doc/x.sif", "/x.sif"}) {
            Rule before = Cases.rule(list, Path.of(image));
            Rule after = Cases.rule(policy, Path.of(image));
            assertThat(after.look()).as(image).isEqualTo(before.look());
            assertThat(after.signatureForm().answers(before.signatureForm()))
                    .as(image)
                    .isTrue();
            assertThat(after.grants()).as(image).isEqualTo(before.grants());
        }
    }

    @Test
    void brokenListBecomesNothing() {
        Path file = Cases.root().resolve("refused-ecl/keys/ecl.toml");

        assertThat(assertThrows(SiteFileException.class, () -> IMPORT.toPolicy(file))
                        .problems())
                .hasSizeGreaterThan(3);
    }
}
