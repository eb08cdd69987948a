package dev.dunnage.launcher.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PeerTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0, true",
        "0, 1000, true",
        "1000, 1000, true",
        "1000, 1001, false",
        "1000, 0, false",
        "4294967294, 4294967294, true"
    })
    void rootAsksForAllOthersForThemselves(long peer, long user, boolean allowed) {
        assertThat(new Peer(1, peer, Set.of()).mayAskFor(user)).isEqualTo(allowed);
    }

    @Test
    void aUserHasABoundedNumberOfSlots() {
        UserSlots slots = new UserSlots();
        for (int slot = 0; slot < 8; slot++) {
            assertThat(slots.enter(4294967294L)).isTrue();
        }
        assertThat(slots.enter(1001)).isTrue();
        Thread.currentThread().interrupt(); // so that nobody waits for a slot that never comes
        assertThat(slots.enter(4294967294L)).isFalse();
        assertThat(Thread.interrupted()).isTrue();
        slots.leave(4294967294L);
        assertThat(slots.enter(4294967294L)).isTrue();
    }
}
