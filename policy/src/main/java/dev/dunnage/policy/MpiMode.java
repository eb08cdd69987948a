package dev.dunnage.policy;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How MPI programs of an image are started. */
public enum MpiMode {
    /** What fits: the image's MPI with the host's launcher. */
    AUTO,
    /** The image's MPI with the host's launcher. */
    HYBRID,
    /** The host's MPI in the image's place. */
    BIND,
    /** The image's MPI over the host's network libraries. */
    FABRIC,
    /** Nobody looks whether the ranks found each other. */
    NONE;

    private static final String REQUIRE = "require:";

    /** Whether a user's wish says that a step which cannot have it is to be refused. */
    public static boolean isDemanded(String wish) {
        return wish.startsWith(REQUIRE);
    }

    /** The mode of a user's wish, which may be a demand, such as {@code require:bind}. */
    public static Optional<MpiMode> wished(String wish) {
        return named(isDemanded(wish) ? wish.substring(REQUIRE.length()) : wish);
    }

    /** The wish that demands this mode. */
    public String demand() {
        return REQUIRE + text();
    }

    /** The mode of this name, as users and sites write it. */
    public static Optional<MpiMode> named(String name) {
        return Arrays.stream(values()).filter(mode -> mode.text().equals(name)).findFirst();
    }

    /** The name that users and sites write. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
