package dev.dunnage.mpi.elf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.dunnage.mpi.tree.FileBytes;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ElfFileTest {
    private static final Path LIBC = Path.of("/lib/x86_64-linux-gnu/libc.so.6");
    private static final Path PROGRAM = Path.of("/bin/true");

    private static final class Memory implements FileBytes {
        private final byte[] content;

        Memory(byte[] content) {
            this.content = content;
        }

        @Override
        public long size() {
            return content.length;
        }

        @Override
        public int read(long position, byte[] target, int offset, int length) {
            int count = (int) Math.min(length, content.length - position);
            System.arraycopy(content, (int) position, target, offset, count);
            return count;
        }

        @Override
        public void close() {}
    }

    @Test
    void readsALibraryWithVersions() throws IOException, ElfException {
        assumeTrue(Files.exists(LIBC), "SKIPPED: this machine has no " + LIBC);
        Memory libc = new Memory(Files.readAllBytes(LIBC));

        ElfFile elf = ElfFile.read(libc);
        List<ElfSymbol> symbols = ElfFile.symbols(libc);

        assertThat(elf.soname()).contains("libc.so.6");
        assertThat(elf.needed()).containsExactly("ld-linux-x86-64.so.2");
        assertThat(elf.versions()).contains("GLIBC_2.2.5", "GLIBC_2.34", "GLIBC_PRIVATE");
        assertThat(elf.versionNeeds()).extracting(VersionNeed::library).containsOnly("ld-linux-x86-64.so.2");
        assertThat(symbols)
                .contains(new ElfSymbol("malloc", Optional.of("GLIBC_2.2.5"), true, false))
                .contains(new ElfSymbol("__libc_start_main", Optional.of("GLIBC_2.34"), true, false))
                .anyMatch(symbol -> symbol.name().equals("_dl_argv") && !symbol.defined());
    }

    @Test
    void readsAProgramThatOnlyNeeds() throws IOException, ElfException {
        assumeTrue(Files.exists(LIBC), "SKIPPED: not a Debian system for x86-64");
        Memory program = new Memory(Files.readAllBytes(PROGRAM));

        ElfFile elf = ElfFile.read(program);

        assertThat(elf.interpreter()).contains("/lib64/ld-linux-x86-64.so.2");
        assertThat(elf.needed()).containsExactly("libc.so.6");
        assertThat(ElfFile.symbols(program))
                .anyMatch(symbol -> symbol.name().equals("__libc_start_main") && !symbol.defined());
    }

    @Test
    void whatIsNoElfIsRefused() {
        assertThatThrownBy(() -> ElfFile.read(new Memory(new byte[10]))).isInstanceOf(ElfException.class);
        assertThatThrownBy(() -> ElfFile.read(new Memory(new byte[100]))).isInstanceOf(ElfException.class);
    }

    /** Damaged files end in a checked exception, or are read: never in anything else, and never in much memory. */
    @Test
    void damagedFilesDoNoHarm() throws IOException {
        byte[] sound = Files.readAllBytes(PROGRAM);
        Random random = new Random(5);
        int refused = 0;
        for (int round = 0; round < 4000; round++) {
            byte[] content = sound.clone();
            int changes = 1 + random.nextInt(4);
            for (int change = 0; change < changes; change++) {
                // Headers and the dynamic tables stand in front.
                content[random.nextInt(4096)] = (byte) random.nextInt(256);
            }
            int end = random.nextInt(8) == 0 ? random.nextInt(content.length) : content.length;
            refused += isRefused(Arrays.copyOf(content, end)) ? 1 : 0;
        }
        assertThat(refused).isGreaterThan(400);
    }

    private static boolean isRefused(byte[] content) throws IOException {
        try {
            ElfFile.read(new Memory(content));
            ElfFile.symbols(new Memory(content));
            return false;
        } catch (ElfException | EOFException e) {
            assertThat(e.getMessage()).isNotBlank();
            return true;
        }
    }
}
