package dev.dunnage.mpi.bind;

import dev.dunnage.mpi.ld.Library;
import dev.dunnage.mpi.ld.LibrarySearch;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The C library with its loader and everything that shares its private interface: from one side or not at all. A newer one
 * serves programs of an older one, not the other way round.
 */
final class GlibcFamily {
    private static final String LIBC = "libc.so.6";
    private static final List<String> LOADERS =
            List.of("ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1", "ld64.so.2", "ld-linux-riscv64-lp64d.so.1");
    private static final List<String> OTHERS = List.of(
            "libm.so.6",
            "libpthread.so.0",
            "libdl.so.2",
            "librt.so.1",
            "libresolv.so.2",
            "libutil.so.1",
            "libmvec.so.1",
            "libanl.so.1",
            "libnsl.so.1",
            "libBrokenLocale.so.1",
            "libthread_db.so.1",
            "libnss_files.so.2",
            "libnss_dns.so.2",
            "libnss_compat.so.2",
            "libnss_hesiod.so.2");

    private GlibcFamily() {}

    /**
     * The machine's files by the place in the image that each takes. Empty when either side lacks the library or its loader.
     */
    static Map<String, String> instead(LibrarySearch ofHost, LibrarySearch ofImage) throws IOException {
        Map<String, String> over = new TreeMap<>();
        boolean loader = false;
        for (String name : LOADERS) {
            loader |= add(over, name, ofHost, ofImage);
        }
        if (!loader || !add(over, LIBC, ofHost, ofImage)) {
            return Map.of();
        }
        for (String name : OTHERS) {
            add(over, name, ofHost, ofImage);
        }
        return over;
    }

    private static boolean add(Map<String, String> over, String name, LibrarySearch ofHost, LibrarySearch ofImage)
            throws IOException {
        Optional<Library.Found> hosts = ofHost.find(name);
        Optional<Library.Found> own = ofImage.find(name);
        if (hosts.isEmpty() || own.isEmpty()) {
            return false;
        }
        over.put(own.get().real(), hosts.get().real());
        return true;
    }
}
