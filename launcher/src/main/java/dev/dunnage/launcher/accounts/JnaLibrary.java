package dev.dunnage.launcher.accounts;

import java.nio.file.Path;

/** JNA's own library. */
public final class JnaLibrary {
    private static final String PLACE = "jna.boot.library.path";

    private JnaLibrary() {}

    /**
     * Tells JNA where its library lies; to be called before JNA is used. The one-shot launcher gets no options for it: the
     * library is beside the directory of the jars.
     */
    public static void prepare() {
        String jars = System.getProperty("java.class.path", "").split(":", -1)[0];
        Path directory = Path.of(jars).toAbsolutePath().getParent();
        if (System.getProperty(PLACE) == null && directory != null) {
            System.setProperty(PLACE, directory.resolveSibling("dunnage").toString());
        }
    }
}
