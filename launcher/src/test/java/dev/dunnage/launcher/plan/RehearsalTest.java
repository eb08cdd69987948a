package dev.dunnage.launcher.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RehearsalTest {
    @Test
    void itPlansAndVerifies() {
        assertThatCode(Rehearsal::run).doesNotThrowAnyException();
    }

    @Test
    void whatAKilledOneLeftIsRemovedAndNothingElse(@TempDir Path temporary) throws IOException {
        Path left = Files.createDirectory(temporary.resolve("dunnage-rehearsal-4999999-1"));
        Files.writeString(Files.createDirectory(left.resolve("keys")).resolve("key"), "left");
        Path living = Files.createDirectory(
                temporary.resolve("dunnage-rehearsal-" + ProcessHandle.current().pid() + "-1"));
        Path odd = Files.createDirectory(temporary.resolve("dunnage-rehearsal-odd"));
        Path elsewhere = Files.createDirectory(temporary.resolve("elsewhere"));
        Path link = Files.createSymbolicLink(temporary.resolve("dunnage-rehearsal-4999999-2"), elsewhere);

        Path place = RehearsalPlace.make(temporary);

        assertThat(left).doesNotExist();
        assertThat(living).isDirectory();
        assertThat(odd).isDirectory();
        assertThat(link).isSymbolicLink();
        assertThat(elsewhere).isDirectory();
        RehearsalPlace.remove(place);
        assertThat(place).doesNotExist();
    }
}
