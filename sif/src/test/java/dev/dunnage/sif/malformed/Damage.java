package dev.dunnage.sif.malformed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dunnage.sif.SifFormatException;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.TestImages;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;

/** Images with changed bytes, and what reading them must say. */
final class Damage {
    static final int FIRST = 4096;
    static final int SECOND = FIRST + 585;
    static final int PARTITION = FIRST + 2 * 585;

    private Damage() {}

    static byte[] image(String name, Consumer<ByteBuffer> change) {
        byte[] content = TestImages.resource("images/" + name + ".sif");
        change.accept(ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN));
        return content;
    }

    static SifImage read(Consumer<ByteBuffer> change) throws Exception {
        return SifImage.read(TestImages.of(image("unsigned", change)));
    }

    static void refuses(Consumer<ByteBuffer> change, String field, Object value, long offset) {
        refuses(image("unsigned", change), field, value, offset);
    }

    /** Every refusal names field, value, limit and byte offset, in one line. */
    static void refuses(byte[] content, String field, Object value, long offset) {
        assertThatThrownBy(() -> SifImage.read(TestImages.of(content)))
                .isInstanceOfSatisfying(SifFormatException.class, e -> {
                    assertThat(e.field()).isEqualTo(field);
                    assertThat(e.value()).isEqualTo(String.valueOf(value));
                    assertThat(e.offset()).isEqualTo(offset);
                    assertThat(e.limit()).isNotEmpty();
                    assertThat(e)
                            .hasMessageContainingAll(field, e.value(), e.limit(), "byte " + offset)
                            .message()
                            .hasLineCount(1);
                });
    }
}
