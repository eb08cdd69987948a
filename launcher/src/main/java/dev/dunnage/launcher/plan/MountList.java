package dev.dunnage.launcher.plan;

import dev.dunnage.launcher.wire.Bind;
import dev.dunnage.launcher.wire.Code;
import dev.dunnage.launcher.wire.LaunchRequest;
import dev.dunnage.policy.IllegalMountException;
import dev.dunnage.policy.MountSpec;
import dev.dunnage.policy.SiteConfig;
import java.util.ArrayList;
import java.util.List;

/** The binds of a step: the site's first, then the user's, so that the user's cover the site's. */
final class MountList {
    private static final String OPTION = "--container-mounts";
    private static final int LIMIT = 1024;

    private MountList() {}

    static List<Bind> of(LaunchRequest request, SiteConfig config) throws RefusedException {
        List<Bind> binds = new ArrayList<>();
        for (MountSpec mount : config.mounts()) {
            binds.add(new Bind(mount.source(), mount.target(), mount.readOnly(), true));
        }
        for (String value : request.mounts()) {
            for (String one : value.split(",", -1)) {
                MountSpec mount = parse(one, request.cwd());
                binds.add(new Bind(mount.source(), mount.target(), mount.readOnly(), false));
            }
        }
        if (binds.size() > LIMIT) {
            throw new RefusedException(
                    Code.REQUEST, OPTION + ": " + binds.size() + " mounts are more than " + LIMIT + "; leave some out");
        }
        return binds;
    }

    private static MountSpec parse(String text, String cwd) throws RefusedException {
        if (text.isEmpty()) {
            throw new RefusedException(
                    Code.REQUEST, OPTION + " holds an empty mount; write SRC:DST[:ro], with commas between several");
        }
        if (text.startsWith("~")) {
            throw new RefusedException(
                    Code.REQUEST, OPTION + " '" + text + "' starts with ~, which the shell left alone here; use $HOME");
        }
        try {
            return MountSpec.parse(text.startsWith("/") || text.startsWith(":") ? text : absolute(text, cwd));
        } catch (IllegalMountException e) {
            throw new RefusedException(Code.REQUEST, OPTION + ": " + e.getMessage(), e);
        }
    }

    private static String absolute(String text, String cwd) {
        return cwd.endsWith("/") ? cwd + text : cwd + "/" + text;
    }
}
