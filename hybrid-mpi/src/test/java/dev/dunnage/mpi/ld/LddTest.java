package dev.dunnage.mpi.ld;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.dunnage.mpi.elf.ElfException;
import dev.dunnage.mpi.elf.ElfFile;
import dev.dunnage.mpi.tree.FileBytes;
import dev.dunnage.mpi.tree.HostTree;
import dev.dunnage.mpi.tree.TreePaths;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The search of libraries against the loader of this machine, which {@code ldd} asks. */
class LddTest {
    private static final int MOST = 300;
    private static final int AT_LEAST = 200;
    private static final Pattern LINE = Pattern.compile("\\t(\\S+) => (\\S+|not found).*");
    private static final List<String> PLACES = List.of(
            "/usr/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu/openmpi/lib/openmpi3", "/usr/bin", "/usr/lib64");

    private final TreePaths host = new TreePaths(new HostTree(Path.of("/")));

    @Test
    void findsWhatTheLoaderFinds() throws IOException, ElfException, InterruptedException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/ldd")), "SKIPPED: this machine has no ldd");
        List<String> files = candidates();
        assumeTrue(
                files.size() >= AT_LEAST, "SKIPPED: this machine has only " + files.size() + " libraries to compare");
        Map<String, List<String>> expected = ldd(files);
        LibrarySearch search = new LibrarySearch(host, Processor.host(host), List.of());
        Map<String, List<String>> found = new TreeMap<>();
        for (String file : expected.keySet()) {
            found.put(file, lines(search.closure(file)));
        }
        assertThat(expected).hasSizeGreaterThanOrEqualTo(AT_LEAST);
        assertThat(found).isEqualTo(expected);
    }

    private static List<String> lines(List<Library> closure) {
        return closure.stream()
                .filter(library -> !library.name().startsWith("ld-linux"))
                .map(library -> library.name() + " "
                        + library.found().map(Library.Found::path).orElse("not found"))
                .toList();
    }

    /** Dynamic files of class 64, spread over the directories. */
    private List<String> candidates() throws IOException {
        List<String> all = new ArrayList<>();
        for (String place : PLACES) {
            List<String> here = new ArrayList<>();
            try (Stream<Path> files = Files.isDirectory(Path.of(place)) ? Files.list(Path.of(place)) : Stream.empty()) {
                for (Path file : files.sorted().toList()) {
                    if (Files.isRegularFile(file) && Files.isReadable(file) && isDynamic(file.toString())) {
                        here.add(file.toString());
                    }
                }
            }
            int step = Math.max(1, here.size() * PLACES.size() / (MOST * 2));
            for (int at = 0; at < here.size(); at += step) {
                all.add(here.get(at));
            }
        }
        return all.subList(0, Math.min(MOST, all.size()));
    }

    private boolean isDynamic(String file) throws IOException {
        String real = host.realFile(file).orElseThrow();
        try (FileBytes bytes = host.tree().open(real)) {
            return !ElfFile.read(bytes).needed().isEmpty();
        } catch (ElfException e) {
            return false;
        }
    }

    private static Map<String, List<String>> ldd(List<String> files) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("ldd"));
        command.addAll(files);
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().remove("LD_LIBRARY_PATH");
        builder.environment().put("LC_ALL", "C");
        Process process = builder.start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        Map<String, List<String>> found = new TreeMap<>();
        List<String> current = new ArrayList<>();
        for (String line : text.lines().toList()) {
            Matcher matcher = LINE.matcher(line);
            if (!line.startsWith("\t") && line.endsWith(":")) {
                current = new ArrayList<>();
                found.put(line.substring(0, line.length() - 1), current);
            } else if (matcher.matches() && !matcher.group(1).startsWith("ld-linux")) {
                current.add(matcher.group(1) + " " + matcher.group(2));
            }
        }
        return found;
    }
}
