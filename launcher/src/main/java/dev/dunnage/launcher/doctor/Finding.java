package dev.dunnage.launcher.doctor;

/**
 * What one check found.
 *
 * @param check a short word
 * @param text what is so
 * @param cure what to do; empty when nothing is to be done
 */
public record Finding(String check, Grade grade, String text, String cure) {

    /** How good it is. */
    public enum Grade {
        OK,
        /** Something works less well, or for some users only. */
        WARN,
        /** Steps or commands with containers fail. */
        FAIL,
        /** Not looked at. */
        SKIPPED
    }

    static Finding ok(String check, String text) {
        return new Finding(check, Grade.OK, text, "");
    }

    static Finding warn(String check, String text, String cure) {
        return new Finding(check, Grade.WARN, text, cure);
    }

    static Finding fail(String check, String text, String cure) {
        return new Finding(check, Grade.FAIL, text, cure);
    }

    static Finding skipped(String check, String text, String cure) {
        return new Finding(check, Grade.SKIPPED, text, cure);
    }
}
