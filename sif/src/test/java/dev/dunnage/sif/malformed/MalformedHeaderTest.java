package dev.dunnage.sif.malformed;

import static dev.dunnage.sif.malformed.Damage.read;
import static dev.dunnage.sif.malformed.Damage.refuses;
import static org.assertj.core.api.Assertions.assertThat;

import dev.dunnage.sif.TestImages;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Malformed input 1 to 10 of the format reference: the global header and the size of the file. */
class MalformedHeaderTest {
    private static final long HUGE = Long.MAX_VALUE;

    private static byte[] cut(int size) {
        return Arrays.copyOf(TestImages.resource("images/unsigned.sif"), size);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 127})
    void case01FileShorterThanTheHeader(int size) {
        refuses(cut(size), "file size", size, 0);
    }

    @Test
    void case02OtherMagic() {
        refuses(bytes -> bytes.put(40, (byte) 'X'), "header field magic", "SIF_MAGIX\\x00", 32);
        refuses(bytes -> bytes.put(41, (byte) 'C'), "header field magic", "SIF_MAGICC", 32);
    }

    @Test
    void case03OtherVersion() {
        refuses(bytes -> bytes.put(43, (byte) '2'), "header field version", "02\\x00", 42);
        refuses(bytes -> bytes.put(44, (byte) ' '), "header field version", "01 ", 42);
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 65537, 1L << 40, Long.MIN_VALUE, HUGE})
    void case04DescriptorTotalOutOfRange(long total) {
        refuses(bytes -> bytes.putLong(88, total), "descriptor total", total, 88);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 28079})
    void case05TableSmallerThanItsDescriptors(long size) {
        refuses(bytes -> bytes.putLong(104, size), "descriptor table size", size, 104);
        refuses(bytes -> bytes.putLong(88, 49), "descriptor table size", 28080, 104);
    }

    /** Others read this as "to the end of the file". */
    @ParameterizedTest
    @ValueSource(longs = {-1, Long.MIN_VALUE})
    void case06TableSizeNegative(long size) {
        refuses(bytes -> bytes.putLong(104, size), "descriptor table size", size, 104);
    }

    @Test
    void case07TableOffsetOutOfRange() {
        for (long offset : new long[] {-1, -4096, Long.MIN_VALUE, 0, 127}) {
            refuses(bytes -> bytes.putLong(96, offset), "descriptor table offset", offset, 96);
        }
        for (long offset : new long[] {40960, HUGE, HUGE - 28080}) {
            refuses(bytes -> bytes.putLong(96, offset), "descriptor table end", offset + " + 28080", 96);
        }
    }

    @Test
    void case08FreeCountUnlikeTheRecount() throws Exception {
        for (long free : new long[] {-1, 0, 44, 46, HUGE}) {
            var image = read(bytes -> bytes.putLong(80, free));
            assertThat(image.warnings())
                    .containsExactly("the header counts %d free descriptors, there are 45".formatted(free));
            assertThat(image.freeSlots()).isEqualTo(45);
        }
        // Others would see no object at all.
        refuses(bytes -> bytes.putLong(80, 48), "free descriptor count", 48, 80);
    }

    @Test
    void case09DataOutOfPlace() {
        for (long offset : new long[] {-1, 0, 127, 4096, 32175}) {
            refuses(bytes -> bytes.putLong(112, offset), "data offset", offset, 112);
        }
        refuses(bytes -> bytes.putLong(120, -1), "data size", -1, 120);
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 4096, 4097, 32175})
    void case10FileEndsInsideTheTable(int size) {
        refuses(cut(size), "descriptor table end", "4096 + 28080", 96);
    }
}
