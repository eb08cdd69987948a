package dev.dunnage.policy;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * What the site wants for graphics processors, from {@code dunnage.yaml}:
 *
 * <pre>{@code
 * gpu: auto            # every container has the GPUs that its step was given; none, the default: when the user asks
 * gpu-absent: refuse   # a step that asks for a GPU and was given none; warn: it starts without one
 * }</pre>
 *
 * @param standard what containers have when the user says nothing
 * @param absentRefused whether a step is refused that asks for a GPU and was given none
 */
public record GpuSettings(Standard standard, boolean absentRefused) {
    /** The settings of a site that says nothing. */
    public static final GpuSettings DEFAULTS = new GpuSettings(Standard.NONE, true);

    /** What containers have when the user says nothing. */
    public enum Standard {
        /** Nothing beside what the node's devices are to every process. */
        NONE,
        /** The GPUs that the step was given, of any maker. */
        AUTO,
        NVIDIA,
        AMD,
        INTEL;

        /** The word in the site's file. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }

        static Optional<Standard> named(String name) {
            return Arrays.stream(values())
                    .filter(each -> each.text().equals(name))
                    .findFirst();
        }
    }
}
