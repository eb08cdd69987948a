package dev.dunnage.launcher.wire;

import java.util.EnumSet;
import java.util.Set;

/** Parts of the host that the container sees, {@code native/WIRE.md} "Bits of VIEW". */
public enum ViewPart {
    PROC(1),
    SYS(2),
    DEV(4),
    TMP(8),
    HOME(16),
    CWD(32),
    ETC(64),
    PMIX(128),
    SCRIPT(256);

    private final int bit;

    ViewPart(int bit) {
        this.bit = bit;
    }

    /** Bit on the wire. */
    public int bit() {
        return bit;
    }

    static int toBits(Set<ViewPart> parts) {
        int bits = 0;
        for (ViewPart part : parts) {
            bits |= part.bit;
        }
        return bits;
    }

    static Set<ViewPart> fromBits(long bits) throws WireException {
        EnumSet<ViewPart> parts = EnumSet.noneOf(ViewPart.class);
        long left = bits;
        for (ViewPart part : values()) {
            if ((bits & part.bit) != 0) {
                parts.add(part);
                left &= ~part.bit;
            }
        }
        if (left != 0) {
            throw new WireException(String.format("view has unknown bits 0x%x", left));
        }
        return parts;
    }
}
