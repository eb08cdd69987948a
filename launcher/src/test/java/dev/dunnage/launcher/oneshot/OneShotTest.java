package dev.dunnage.launcher.oneshot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dunnage.launcher.fixture.TestSite;
import dev.dunnage.launcher.wire.Code;
import dev.dunnage.launcher.wire.Codec;
import dev.dunnage.launcher.wire.Driver;
import dev.dunnage.launcher.wire.Frame;
import dev.dunnage.launcher.wire.LaunchPlan;
import dev.dunnage.launcher.wire.Ping;
import dev.dunnage.launcher.wire.Refusal;
import dev.dunnage.launcher.wire.Reply;
import dev.dunnage.sif.key.PgpSecretKey;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the program as the plugin does. A FIFO that is open both ways stands for the socketpair on descriptor 1. */
class OneShotTest {
    @TempDir
    Path temporary;

    private TestSite site = new TestSite(Path.of("unset"));

    @BeforeEach
    void prepare() throws Exception {
        Object owner = Files.getAttribute(temporary, "unix:uid");
        Assumptions.assumeTrue(owner.equals(0), "site files must belong to root, so these tests run as root only");
        site = TestSite.in(temporary);
        Files.writeString(
                site.root().resolve("dunnage.yaml"),
                "version: 1\naudit-file: " + site.root().resolve("audit.jsonl") + "\n");
    }

    private record Outcome(int status, Path answer, String errors) {}

    private Outcome run(Path image, byte[] request, List<String> jvmOptions, String... arguments) throws Exception {
        Path fifo = temporary.resolve("conversation");
        Files.deleteIfExists(fifo);
        assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor())
                .isZero();
        Path answer = temporary.resolve("answer");
        Path errors = temporary.resolve("errors");
        try (RandomAccessFile both = new RandomAccessFile(fifo.toFile(), "rw")) {
            both.write(request);
            Process process = new ProcessBuilder(command(fifo, jvmOptions, arguments))
                    .redirectInput(image.toFile())
                    .redirectError(errors.toFile())
                    .start();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            // An end for the reader: nobody closes a FIFO that we hold open ourselves.
            both.write(new byte[] {'E', 'N', 'D'});
            Files.write(answer, Channels.newInputStream(both.getChannel()).readNBytes(available(both)));
            return new Outcome(process.exitValue(), answer, Files.readString(errors));
        }
    }

    private static int available(RandomAccessFile fifo) throws IOException {
        return new FileInputStream(fifo.getFD()).available();
    }

    private static List<String> command(Path fifo, List<String> jvmOptions, String... arguments) {
        List<String> command = new ArrayList<>(List.of("sh", "-c", "exec \"$@\" 1<>" + fifo, "sh"));
        command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
        command.addAll(jvmOptions);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), OneShot.class.getName()));
        command.addAll(List.of(arguments));
        return command;
    }

    private Reply ask(Path image, List<String> jvmOptions) throws Exception {
        Outcome outcome = run(
                image,
                Codec.encode(TestSite.request(image)),
                jvmOptions,
                "--policy",
                site.paths().policy().toString(),
                "--store",
                site.store().toString());
        assertThat(outcome.errors()).isEmpty();
        assertThat(outcome.status()).isZero();
        try (InputStream in = Files.newInputStream(outcome.answer())) {
            Reply reply = (Reply) Codec.decode(Frame.read(in));
            assertThat(in.readAllBytes()).as("nothing but one frame").containsExactly('E', 'N', 'D');
            return reply;
        }
    }

    @Test
    void aSignedImageIsPlannedAndNothingHeavyIsLoaded() throws Exception {
        PgpSecretKey key = TestSite.newKey("signer");
        site.trust(key);
        site.policy("whitelist", key);
        Path image = TestSite.writableByOthers(site.image("signed.sif", key));
        Path classes = temporary.resolve("classes");
        Reply reply = ask(image, List.of("-Xlog:class+load:file=" + classes));
        assertThat(reply)
                .asInstanceOf(InstanceOfAssertFactories.type(LaunchPlan.class))
                .satisfies(plan -> {
                    assertThat(plan.driver()).isEqualTo(Driver.KERNEL);
                    assertThat(plan.storeCopy()).isPresent();
                });
        assertThat(Files.readString(classes))
                .contains("dev.dunnage.launcher.oneshot.OneShot")
                .doesNotContain("picocli.")
                .doesNotContain("com.sun.jna.")
                .doesNotContain("org.apache.commons.exec.");
    }

    @Test
    void aRefusalIsAnAnswerToo() throws Exception {
        site.policy("whitelist", TestSite.newKey("signer"));
        Reply reply = ask(site.image("a.sif"), List.of());
        assertThat(reply)
                .asInstanceOf(InstanceOfAssertFactories.type(Refusal.class))
                .satisfies(refusal -> assertThat(refusal.code()).isEqualTo(Code.POLICY));
    }

    @Test
    void aBrokenPolicySaysNothingOnDescriptor2() throws Exception {
        Files.writeString(site.paths().policy(), "version: 1\nnonsense: 1\n");
        assertThat(ask(site.image("a.sif"), List.of()))
                .asInstanceOf(InstanceOfAssertFactories.type(Refusal.class))
                .satisfies(refusal -> assertThat(refusal.code()).isEqualTo(Code.CONFIG));
    }

    @Test
    void aBrokenRequestGetsALineAndNoAnswer() throws Exception {
        Outcome outcome = run(site.image("a.sif"), new byte[12], List.of());
        assertThat(outcome.status()).isEqualTo(Code.INTERNAL.exitStatus());
        assertThat(outcome.errors()).contains("broken request", "version 0.0").hasLineCount(1);
        assertThat(outcome.answer()).hasBinaryContent(new byte[] {'E', 'N', 'D'});
    }

    @Test
    void onlyLaunchRequestsAreAnswered() throws Exception {
        Outcome outcome = run(site.image("a.sif"), Codec.encode(new Ping()), List.of());
        assertThat(outcome.status()).isEqualTo(Code.INTERNAL.exitStatus());
        assertThat(outcome.errors()).contains("launch requests only");
    }

    @Test
    void wrongArgumentsAreNamed() throws Exception {
        Outcome outcome = run(site.image("a.sif"), new byte[12], List.of(), "--polcy", "x");
        assertThat(outcome.status()).isEqualTo(Code.REQUEST.exitStatus());
        assertThat(outcome.errors()).contains("--polcy", "--policy FILE");
    }

    @Test
    void warmUpEndsWell() throws Exception {
        Outcome outcome = run(site.image("a.sif"), new byte[0], List.of(), "--warm-up");
        assertThat(outcome.errors()).isEmpty();
        assertThat(outcome.status()).isZero();
    }

    @Test
    void itsPathLoadsNoCommandLineAndNoNativeAccess() throws Exception {
        Process process = new ProcessBuilder(
                        System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                        "-Xlog:class+load:file=" + temporary.resolve("classes"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        OneShot.class.getName(),
                        "--warm-up")
                .redirectErrorStream(true)
                .start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        List<String> loaded = Files.readAllLines(temporary.resolve("classes"));
        assertThat(loaded).anyMatch(line -> line.contains("dev.dunnage.launcher.plan.StepPlanner"));
        assertThat(loaded)
                .noneMatch(line -> line.contains(" picocli.")
                        || line.contains(" com.sun.jna.")
                        || line.contains(" jnr.")
                        || line.contains(" dev.dunnage.launcher.cli."));
        assertThat(loaded.size()).as("class by class a JVM becomes slow").isLessThan(3500);
    }
}
