package dev.dunnage.launcher.wire;

import java.util.List;

/**
 * Files of the host that the container shows read-only, and libraries that lead programs of the image to them.
 *
 * @param files each a file or directory that nobody but root can change; libraries beneath {@link #LIBRARIES}, directories
 *     whose path is built into a library at that path
 * @param shims places of the container where a library is written that does nothing but load libraries of the host; the target
 *     is what it loads, and shims of one place stand together
 */
public record HostFiles(List<Bind> files, List<Bind> shims) {
    /** The directory of the container that no program of the image looks into by itself. */
    public static final String LIBRARIES = "/.dunnage/host/lib";

    /** Nothing of the host. */
    public static final HostFiles NONE = new HostFiles(List.of(), List.of());

    /** Copies the lists. */
    public HostFiles {
        files = List.copyOf(files);
        shims = List.copyOf(shims);
    }

    /** A file or directory of the host. */
    public static Bind file(String source, String target) {
        return new Bind(source, target, true, false);
    }

    /** A library at a place of the container that loads another. */
    public static Bind shim(String place, String library) {
        return new Bind(place, library, false, false);
    }

    static HostFiles read(RecordReader in) throws WireException {
        return checked(new HostFiles(in.binds(Tag.PLAN_HOST_FILE), in.binds(Tag.PLAN_HOST_SHIM)));
    }

    RecordWriter write(RecordWriter out) throws WireException {
        checked(this);
        return out.binds(Tag.PLAN_HOST_FILE, files).binds(Tag.PLAN_HOST_SHIM, shims);
    }

    private static HostFiles checked(HostFiles host) throws WireException {
        for (Bind file : host.files) {
            if (file.flags() != Bind.READ_ONLY) {
                throw new WireException("record PLAN_HOST_FILE is not just read-only");
            }
        }
        for (Bind shim : host.shims) {
            if (shim.flags() != 0) {
                throw new WireException("record PLAN_HOST_SHIM has flags");
            }
        }
        return host;
    }
}
