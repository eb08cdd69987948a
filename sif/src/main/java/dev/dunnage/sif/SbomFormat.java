package dev.dunnage.sif;

import java.util.Optional;

/** Format of a bill of materials. */
public enum SbomFormat {
    CYCLONEDX_JSON(1, "cyclonedx-json"),
    CYCLONEDX_XML(2, "cyclonedx-xml"),
    GITHUB_JSON(3, "github-json"),
    SPDX_JSON(4, "spdx-json"),
    SPDX_RDF(5, "spdx-rdf"),
    SPDX_TAG_VALUE(6, "spdx-tag-value"),
    SPDX_YAML(7, "spdx-yaml"),
    SYFT_JSON(8, "syft-json"),
    /** Any other code. */
    UNKNOWN(0, "Unknown");

    private final int code;
    private final String label;

    SbomFormat(int code, String label) {
        this.code = code;
        this.label = label;
    }

    /** The number in the descriptor. */
    public int code() {
        return code;
    }

    /** The name in listings. */
    public String label() {
        return label;
    }

    /** The format that listings call by this name. */
    public static Optional<SbomFormat> named(String label) {
        for (SbomFormat each : values()) {
            if (each != UNKNOWN && each.label.equals(label)) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }

    /** The member with this number; {@link #UNKNOWN} for any other one. */
    public static SbomFormat ofCode(int code) {
        for (SbomFormat each : values()) {
            if (each.code == code) {
                return each;
            }
        }
        return UNKNOWN;
    }
}
