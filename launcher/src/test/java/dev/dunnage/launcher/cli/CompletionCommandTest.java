package dev.dunnage.launcher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CompletionCommandTest {
    @TempDir
    Path temporary;

    private static Path program(String name) {
        Path program = Path.of("/usr/bin", name);
        Assumptions.assumeTrue(Files.isExecutable(program), "SKIPPED: " + name + " is not installed");
        return program;
    }

    private static String run(String... words) throws Exception {
        Process process = new ProcessBuilder(words)
                .redirectError(ProcessBuilder.Redirect.DISCARD) // it misses the terminal
                .start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(text).isZero();
        return text;
    }

    @ParameterizedTest
    @CsvSource({
        "sif se,setprim",
        "ver,verify",
        "key pu,pull",
        "verify --gr,--group-id",
        "key newpair --ty,--type",
        "ex,exec",
        "exec --fak,--fakeroot",
        "instance st,start",
        "policy imp,import-ecl",
        "policy check --part,--partition",
        "policy explain --sou,--source",
        "policy lint --sett,--settings",
        "policy test --qui,--quiet"
    })
    void bashCompletes(String typed, String expected) throws Exception {
        Path script = temporary.resolve("script");
        Files.writeString(script, Command.run("completion", "bash").out());
        String[] words = ("dunnage " + typed).split(" ", -1);
        String line =
                "source %s; COMP_WORDS=(%s); COMP_CWORD=%d; COMP_LINE='%s'; _complete_dunnage; echo \"${COMPREPLY[*]}\""
                        .formatted(script, String.join(" ", words), words.length - 1, String.join(" ", words));
        List<String> answers = Arrays.asList(
                run(program("bash").toString(), "--norc", "-c", line).strip().split("\\s+", -1));
        assertThat(answers).contains(expected);
        assertThat(answers).allSatisfy(answer -> assertThat(answer).startsWith(words[words.length - 1]));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "policy check",
                "policy check --policy",
                "policy check --ecl",
                "policy check --keyring",
                "policy explain",
                "policy lint",
                "policy test",
                "policy import-ecl"
            })
    void bashCompletesFiles(String typed) throws Exception {
        Path script = temporary.resolve("script");
        Files.writeString(script, Command.run("completion", "bash").out());
        Path file = Files.createFile(temporary.resolve("policy.yaml"));
        String line =
                "source %s; words=(dunnage %s %s/pol); COMP_WORDS=(\"${words[@]}\"); COMP_CWORD=$((${#words[@]} - 1));"
                        + " COMP_LINE=\"${words[*]}\"; _complete_dunnage; echo \"${COMPREPLY[*]}\"";
        assertThat(run(program("bash").toString(), "--norc", "-c", line.formatted(script, typed, temporary))
                        .strip())
                .isEqualTo(file.toString());
    }

    @Test
    void zshTakesTheScript() throws Exception {
        Path script = temporary.resolve("_dunnage");
        Files.writeString(script, Command.run("completion", "zsh").out());
        assertThat(Files.readAllLines(script).get(0)).isEqualTo("#compdef dunnage");
        String line = "autoload -U compinit && compinit -D -u; source " + script + "; print -r -- $_comps[dunnage]";
        assertThat(run(program("zsh").toString(), "-f", "-c", line)).contains("_complete_dunnage");
    }

    @Test
    void fishKnowsTheCommandsOfBothParts() {
        String script = Command.run("completion", "fish").out();
        assertThat(script)
                .contains("exec run shell test", " verify ", "-l fakeroot")
                .doesNotContain("@");
    }

    @Test
    void otherShellsAreRefused() {
        Command run = Command.run("completion", "tcsh");
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err()).contains("tcsh").hasLineCount(1);
    }
}
