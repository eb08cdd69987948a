package dev.dunnage.policy;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** How a group uses its keys. The names in the file are the lower-case ones. */
enum Mode {
    /** At least one listed key signed every group of the image. */
    WHITELIST,
    /** Every listed key signed every group of the image. */
    WHITESTRICT,
    /** No listed key signed any group, and at least one key of the ring signed every group. */
    BLACKLIST,
    /** Any image, signed or not; never trusted. */
    OPEN;

    static final String NAMES = Arrays.stream(values()).map(Mode::text).collect(Collectors.joining(", "));

    static Optional<Mode> of(String text) {
        return Arrays.stream(values()).filter(mode -> mode.text().equals(text)).findFirst();
    }

    String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
