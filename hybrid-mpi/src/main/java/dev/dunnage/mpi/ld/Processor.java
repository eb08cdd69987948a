package dev.dunnage.mpi.ld;

import dev.dunnage.mpi.elf.ElfHeader;
import dev.dunnage.mpi.tree.TreePaths;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * What the loader knows of the processor.
 *
 * @param machine number in ELF files
 * @param cacheFlags mark of its libraries in {@code ld.so.cache}
 * @param name as in {@code $PLATFORM}
 * @param multiarch name of Debian's directories of libraries
 * @param levels names of directories beneath {@code glibc-hwcaps} whose libraries it can run, best first
 */
public record Processor(int machine, int cacheFlags, String name, String multiarch, List<String> levels) {
    /** The first processor is in it. */
    private static final int MAX_CPUINFO = 1 << 14;

    private static final int LIBC6_X86_64 = 0x0303;
    private static final int LIBC6_AARCH64 = 0x0a03;
    private static final Set<String> LEVEL_2 = Set.of("cx16", "lahf_lm", "popcnt", "sse4_1", "sse4_2", "ssse3");
    private static final Set<String> LEVEL_3 = Set.of("avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe");
    private static final Set<String> LEVEL_4 = Set.of("avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl");

    /** Copies the list. */
    public Processor {
        levels = List.copyOf(levels);
    }

    /** An x86-64 processor with these flags of {@code /proc/cpuinfo}. */
    public static Processor x86(Set<String> flags) {
        List<String> levels = new ArrayList<>();
        if (flags.containsAll(LEVEL_2)) {
            levels.add("x86-64-v2");
            if (flags.containsAll(LEVEL_3)) {
                levels.add(0, "x86-64-v3");
                if (flags.containsAll(LEVEL_4)) {
                    levels.add(0, "x86-64-v4");
                }
            }
        }
        return new Processor(ElfHeader.X86_64, LIBC6_X86_64, "x86_64", "x86_64-linux-gnu", levels);
    }

    /** A 64-bit Arm processor. */
    public static Processor aarch64() {
        return new Processor(ElfHeader.AARCH64, LIBC6_AARCH64, "aarch64", "aarch64-linux-gnu", List.of());
    }

    /** The processor of this machine. */
    public static Processor host(TreePaths host) throws IOException {
        return System.getProperty("os.arch", "").equals("aarch64") ? aarch64() : x86(flags(host));
    }

    private static Set<String> flags(TreePaths host) throws IOException {
        return host.head("/proc/cpuinfo", MAX_CPUINFO).stream()
                .flatMap(String::lines)
                .filter(line -> line.startsWith("flags"))
                .findFirst()
                .map(line -> Set.copyOf(Arrays.asList(
                        line.substring(line.indexOf(':') + 1).trim().split(" ", -1))))
                .orElse(Set.of());
    }
}
