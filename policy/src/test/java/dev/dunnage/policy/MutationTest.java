package dev.dunnage.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever bytes stand in the files: a policy, settings, cases, or located one-line findings; never another exception. */
class MutationTest {
    private static final byte[] MARKS = ":-[]{},&*!|>'\"%@`#?~ \n\r\t\\<=.\0\u001b".getBytes(StandardCharsets.UTF_8);
    private static final int ROUNDS = 1200;

    @TempDir
    Path directory;

    @Test
    void damagedFilesEndInAResultOrInFindings() throws Exception {
        List<byte[]> seeds = seeds();
        Random random = new Random(20261123);
        Path file = directory.resolve("mutant.yaml");
        int refused = 0;
        for (int round = 0; round < ROUNDS; round++) {
            Files.write(file, mutate(seeds.get(random.nextInt(seeds.size())), random));
            refused += load(file, round);
        }
        assertThat(refused).isBetween(3 * ROUNDS, 5 * ROUNDS - 1);
    }

    /** Every file of the given cases. */
    private static List<byte[]> seeds() throws IOException {
        List<byte[]> seeds = new ArrayList<>();
        for (String kind :
                List.of("accepted", "refused", "refused-site", "refused-rules", "refused-ecl", "lint", "import")) {
            for (Path each : Cases.in(kind)) {
                for (String name : List.of("policy.yaml", "dunnage.yaml", "ecl.toml", "cases.yaml")) {
                    if (Files.exists(each.resolve(name))) {
                        seeds.add(Files.readAllBytes(each.resolve(name)));
                    }
                }
            }
        }
        assertThat(seeds).hasSizeGreaterThan(80);
        return seeds;
    }

    private interface Load {
        void from(Path file) throws SiteFileException;
    }

    private static int load(Path file, int round) {
        OwnershipRule any = OwnershipRule.any();
        PolicyLint lint = new PolicyLint(any, Instant.EPOCH);
        assertThat(lint.policy(file, Optional.of(Set.of())).size()
                        + lint.ecl(file, Optional.empty()).size())
                .as("round " + round)
                .isNotZero();
        int refused = 0;
        for (Load load : List.<Load>of(
                new PolicyLoader(any)::load,
                new SiteConfigLoader(any)::load,
                new EclLoader(any)::load,
                new EclImport(any)::toPolicy,
                CaseFileReader::read)) {
            try {
                load.from(file);
            } catch (SiteFileException e) {
                refused += check(e, round);
            }
        }
        return refused;
    }

    private static int check(SiteFileException refusal, int round) {
        assertThat(refusal.problems()).as("round " + round).isNotEmpty().allSatisfy(problem -> {
            assertThat(problem.message()).isNotBlank();
            assertThat(problem.toString()).doesNotContain("\n", "\r", "\u001b");
            assertThat(problem.line() == 0).isEqualTo(problem.column() == 0);
        });
        return 1;
    }

    private static byte[] mutate(byte[] seed, Random random) {
        byte[] bytes = seed.clone();
        for (int changes = random.nextInt(4); changes >= 0 && bytes.length > 2; changes--) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(4)) {
                case 0 -> bytes[at] = MARKS[random.nextInt(MARKS.length)];
                case 1 -> bytes[at] = (byte) random.nextInt(256);
                case 2 -> bytes = Arrays.copyOf(bytes, at + 1);
                default ->
                    System.arraycopy(bytes, 0, bytes, at, Math.min(bytes.length - at, random.nextInt(bytes.length)));
            }
        }
        return bytes;
    }
}
