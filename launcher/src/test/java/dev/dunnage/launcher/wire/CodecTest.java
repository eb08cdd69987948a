package dev.dunnage.launcher.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class CodecTest {

    static List<Message> messages() {
        return List.of(
                Messages.launch(),
                Messages.plan(),
                new Refusal(Code.POLICY, "no rule allows it; ask the site"),
                new Ping(),
                new Pong("0.1.0", "policy is sound"));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void whatIsEncodedIsDecoded(Message message) throws Exception {
        assertThat(decode(Codec.encode(message))).isEqualTo(message);
    }

    @ParameterizedTest
    @MethodSource("messages")
    void aFrameCutAnywhereIsRefused(Message message) throws Exception {
        byte[] whole = Codec.encode(message);
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> decode(cut)).isInstanceOf(WireException.class);
        }
    }

    @ParameterizedTest
    @MethodSource("messages")
    void aBodyCutAnywhereIsRefused(Message message) throws Exception {
        byte[] whole = Codec.encode(message);
        for (int length = 0; length < whole.length - Frame.HEADER_SIZE; length++) {
            byte[] cut = Arrays.copyOf(whole, Frame.HEADER_SIZE + length);
            setLength(cut);
            if (length > 0 || !(message instanceof Ping)) {
                assertRefusedOrLacksOptional(cut, message);
            }
        }
    }

    /** A cut between two records can only be a good frame when what is missing may be missing. */
    private static void assertRefusedOrLacksOptional(byte[] cut, Message message) throws IOException {
        try {
            assertThat(decode(cut)).hasSameClassAs(message).isNotEqualTo(message);
        } catch (WireException refused) {
            assertThat(refused).hasMessageNotContaining("\n");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "000000000200000004000000 | version 2.0",
                "000000000100020004000000 | version 1.2",
                "010010000100000004000000 | longer than",
                "000000000100000006000000 | unknown kind of frame 6",
                "000000000100000004000100 | not zero",
                "0800000001000000040000000101000000000000 | no tag 0x0101",
                "0800000001000000050000000101000000000000 | no tag 0x0101",
                "0900000001000000050000000105010001000000ff | second field",
                "0900000001000000050000000105000002000000ff | passes the end",
                "0900000001000000050000000105000001000000ff | not UTF-8",
                "090000000100000005000000010500000100000000 | NUL",
                "090000000100000005000000010500000100000041 | PONG_POLICY is missing",
                "0b00000001000000030000000103000003000000010000 | length 3 instead of 4",
            })
    void brokenFramesAreRefusedWithTheRule(String hex, String rule) {
        assertThatThrownBy(() -> decode(HexFormat.of().parseHex(hex)))
                .isInstanceOf(WireException.class)
                .hasMessageContaining(rule);
    }

    @Test
    void aRecordThatComesTwiceIsRefused() throws Exception {
        byte[] twice = new RecordWriter(Kind.REFUSAL)
                .u32(Tag.REFUSAL_CODE, 1)
                .string(Tag.REFUSAL_MESSAGE, "x")
                .frame()
                .bytes();
        byte[] more = Arrays.copyOf(twice, twice.length + 9);
        System.arraycopy(twice, twice.length - 9, more, twice.length, 9);
        setLength(more);
        assertThatThrownBy(() -> decode(more)).hasMessageContaining("more than once");
    }

    @Test
    void aStoreDigestWithoutTheStoreIsRefused() throws Exception {
        byte[] frame = Codec.encode(Messages.plan());
        frame[Frame.HEADER_SIZE + 12 + 8] = 1;
        assertThatThrownBy(() -> decode(frame)).hasMessageContaining("store digest");
    }

    @Test
    void nothingIsWrittenThatWouldNotBeRead() {
        LaunchPlan good = Messages.plan();
        LaunchPlan relative = new LaunchPlan(
                good.driver(),
                Optional.empty(),
                0,
                0,
                Set.of(),
                List.of(),
                "data",
                List.of(),
                false,
                "d",
                List.of(),
                Confinement.NONE,
                List.of(),
                false,
                HostFiles.NONE);
        assertThatThrownBy(() -> Codec.encode(relative)).hasMessageContaining("PLAN_WORKDIR");
        assertThatThrownBy(() -> Codec.encode(new Pong("v", "x".repeat(4097)))).hasMessageContaining("PONG_POLICY");
        assertThatThrownBy(() -> Codec.encode(new Pong("v", "\ud800"))).hasMessageContaining("Unicode");
    }

    @Test
    void refusalTextIsMadeFit() throws Exception {
        Refusal refusal = Refusal.line(Code.CONFIG, "a\nb\u001b[31m\ud800" + "ü".repeat(5000));
        assertThat(refusal.message()).startsWith("a?b?[31m?ü").hasSizeLessThan(2100);
        assertThat(decode(Codec.encode(refusal))).isEqualTo(refusal);
    }

    @Test
    void readingStopsAtTheEndOfTheFrame() throws Exception {
        byte[] ping = Codec.encode(new Ping());
        ByteArrayInputStream in = new ByteArrayInputStream(Arrays.copyOf(ping, ping.length + 5));
        Frame.read(in);
        assertThat(in.available()).isEqualTo(5);
    }

    private static Message decode(byte[] frame) throws IOException, WireException {
        return Codec.decode(Frame.read(new ByteArrayInputStream(frame)));
    }

    private static void setLength(byte[] frame) {
        int length = frame.length - Frame.HEADER_SIZE;
        for (int at = 0; at < 4; at++) {
            frame[at] = (byte) (length >>> (8 * at));
        }
    }
}
