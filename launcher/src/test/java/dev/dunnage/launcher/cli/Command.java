package dev.dunnage.launcher.cli;

import java.io.PrintWriter;
import java.io.StringWriter;

/**
 * One run of the command line in this process.
 *
 * @param status exit status
 * @param out standard output
 * @param err standard error
 */
record Command(int status, String out, String err) {
    static Command run(Object... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] words = new String[arguments.length];
        for (int at = 0; at < words.length; at++) {
            words[at] = arguments[at].toString();
        }
        int status = Main.run(words, new PrintWriter(out), new PrintWriter(err), false);
        return new Command(status, out.toString(), err.toString());
    }
}
