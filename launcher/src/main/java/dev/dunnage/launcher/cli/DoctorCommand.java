package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.doctor.Doctor;
import dev.dunnage.launcher.doctor.Finding;
import dev.dunnage.launcher.doctor.Machine;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dunnage doctor}. */
@Command(
        name = "doctor",
        description = {
            "Looks whether this machine can run containers: Slurm's plugin, policy, keys and directories, agent, kernel, network,"
                    + " tools. A line for each, OK, WARN or FAIL, with how to cure it; last a run of two ranks.",
            "Run it as root on compute nodes, where users may not see everything. Exit status 1 when anything fails."
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class DoctorCommand extends BaseCommand {
    @Option(names = "--no-self-test", description = "Start nothing.")
    private boolean noSelfTest;

    @Option(
            names = "--image",
            paramLabel = "IMAGE",
            description =
                    "Image with /bin/sh for the two ranks: a step where this is an allocation, else dunnage exec.")
    private Optional<Path> image = Optional.empty();

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() {
        List<Finding> findings = Doctor.of(Machine.here(), Instant.now(), !noSelfTest, image.map(Path::toAbsolutePath))
                .examine();
        for (Finding finding : findings) {
            out().println(json.wanted() ? JsonLine.of(members(finding)) : line(finding));
        }
        return findings.stream().anyMatch(finding -> finding.grade() == Finding.Grade.FAIL) ? 1 : 0;
    }

    private static String line(Finding finding) {
        String cure = finding.cure().isEmpty() ? "" : " -> " + finding.cure();
        String grade =
                finding.grade() == Finding.Grade.SKIPPED ? "-" : finding.grade().name();
        return InspectText.oneLine(String.format("%-4s %s: %s%s", grade, finding.check(), finding.text(), cure));
    }

    private static Map<String, Object> members(Finding finding) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("check", finding.check());
        members.put("result", finding.grade().name().toLowerCase(Locale.ROOT));
        members.put("text", finding.text());
        members.put("cure", finding.cure());
        return members;
    }
}
