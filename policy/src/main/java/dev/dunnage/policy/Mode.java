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

    static final String OPEN_WITH_KEYS = "mode open looks at no key: remove the list or change the mode";

    /** The mode that a setting names; otherwise a finding. */
    static Optional<Mode> read(Node node, Findings findings) {
        return Section.text(node, findings).flatMap(text -> {
            Optional<Mode> mode = of(text.text());
            if (mode.isEmpty()) {
                findings.add(node, "unknown mode '" + text.text() + "' (allowed: " + NAMES + ")");
            }
            return mode;
        });
    }

    static Optional<Mode> of(String text) {
        return Arrays.stream(values()).filter(mode -> mode.text().equals(text)).findFirst();
    }

    String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
