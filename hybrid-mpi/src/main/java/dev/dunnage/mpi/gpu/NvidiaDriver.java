package dev.dunnage.mpi.gpu;

import dev.dunnage.mpi.ld.Library;
import dev.dunnage.mpi.ld.LibrarySearch;
import dev.dunnage.mpi.ld.Processor;
import dev.dunnage.mpi.tree.TreePaths;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * NVIDIA's driver on a machine: the kernel's module, and the libraries that must have its very version.
 *
 * @param module version of the module that runs; empty when none does
 * @param cuda version of {@code libcuda.so.1} as the loader finds it; empty when there is none
 * @param libraries files of the driver's libraries by the names that programs ask for, all of the module's version
 * @param programs files of the driver's programs
 */
public record NvidiaDriver(
        Optional<DriverVersion> module,
        Optional<DriverVersion> cuda,
        Map<String, String> libraries,
        List<String> programs) {
    /** Where the module tells its version. */
    public static final String VERSION_FILE = "/proc/driver/nvidia/version";

    private static final String CUDA = "libcuda.so.1";
    private static final int MAX_VERSION = 4096;
    private static final Pattern MODULE =
            Pattern.compile("Kernel Module(?: for \\S+)?\\s+([0-9]{1,6}(?:\\.[0-9]{1,6}){1,3})\\s");
    private static final Pattern LIBRARY = Pattern.compile("(?:libcuda|libcudadebugger|libnvcuvid|libnvoptix"
            + "|libnvidia-(?:allocator|api|cfg|eglcore|encode|fbc|glcore|glsi|glvkspirv|gpucomp|ml|ngx|nscq|nvvm|opencl"
            + "|opticalflow|pkcs11|pkcs11-openssl3|ptxjitcompiler|rtcore|sandboxutils|tls|tileiras)"
            + "|libEGL_nvidia|libGLESv1_CM_nvidia|libGLESv2_nvidia|libGLX_nvidia|libvdpau_nvidia)\\.so(?:\\..*)?");
    /** Names that programs hand to dlopen, though links of these names come with development packages. */
    private static final Map<String, String> PLAIN = Map.of("libcuda.so", CUDA, "libnvidia-ml.so", "libnvidia-ml.so.1");

    private static final List<String> PROGRAMS = List.of(
            "/usr/bin/nvidia-smi",
            "/usr/bin/nvidia-debugdump",
            "/usr/bin/nvidia-cuda-mps-control",
            "/usr/bin/nvidia-cuda-mps-server");

    /** Copies the collections. */
    public NvidiaDriver {
        libraries = Map.copyOf(libraries);
        programs = List.copyOf(programs);
    }

    /** Looks at a machine. */
    public static NvidiaDriver of(TreePaths host) throws IOException {
        LibrarySearch search = new LibrarySearch(host, Processor.host(host), List.of());
        Optional<DriverVersion> module = module(host);
        Optional<DriverVersion> cuda = search.find(CUDA).flatMap(NvidiaDriver::version);
        Optional<DriverVersion> wanted = module.or(() -> cuda);
        Map<String, String> libraries =
                wanted.isPresent() ? libraries(host, search, wanted.get()) : Map.<String, String>of();
        List<String> programs = new ArrayList<>();
        for (String program : PROGRAMS) {
            if (host.realFile(program).isPresent()) {
                programs.add(program);
            }
        }
        return new NvidiaDriver(module, cuda, libraries, programs);
    }

    /** Version of the module that runs. */
    public static Optional<DriverVersion> module(TreePaths host) throws IOException {
        return host.head(VERSION_FILE, MAX_VERSION)
                .map(text -> MODULE.matcher(text + "\n"))
                .filter(Matcher::find)
                .map(found -> new DriverVersion(found.group(1)));
    }

    /** What keeps CUDA programs from running with this driver, and the cure, in one line; empty when nothing does. */
    public Optional<String> trouble() {
        if (module.isEmpty()) {
            return cuda.map(version -> "the libraries of NVIDIA's driver " + version.text()
                    + " are installed, but its kernel module does not run (" + VERSION_FILE
                    + " is absent); load it with 'modprobe nvidia', and see dmesg");
        }
        if (libraries.containsKey(CUDA)) {
            return Optional.empty();
        }
        return Optional.of(
                cuda.isEmpty()
                        ? "NVIDIA's kernel module " + module.get().text()
                                + " runs, but the loader finds no libcuda.so.1; install the driver's libraries of this"
                                + " version, and run ldconfig"
                        : "NVIDIA's kernel module is of version " + module.get().text()
                                + " and libcuda.so.1 of version "
                                + cuda.get().text()
                                + ": the driver was changed under a running module; reboot the node, or unload and load"
                                + " the module");
    }

    private static Map<String, String> libraries(TreePaths host, LibrarySearch search, DriverVersion wanted)
            throws IOException {
        Map<String, String> found = new TreeMap<>();
        for (String name : names(host, search)) {
            matching(search, name, wanted).ifPresent(path -> found.put(name, path));
        }
        PLAIN.forEach((plain, name) -> {
            String file = found.get(name);
            if (file != null) {
                found.put(plain, file);
            }
        });
        return found;
    }

    private static Set<String> names(TreePaths host, LibrarySearch search) throws IOException {
        Set<String> names = new TreeSet<>();
        search.cache().names().forEach(names::add);
        for (String directory : search.defaultDirectories()) {
            names.addAll(host.names(directory));
        }
        names.removeIf(name -> !LIBRARY.matcher(name).matches());
        return names;
    }

    /** The file of the name, or the one of the wanted version beside it: ldconfig may not have run since an update. */
    private static Optional<String> matching(LibrarySearch search, String name, DriverVersion wanted)
            throws IOException {
        Optional<Library.Found> file = search.find(name);
        // a file of an earlier driver that nobody removed
        boolean old =
                DriverVersion.ofFile(name).filter(own -> !own.equals(wanted)).isPresent();
        if (file.isEmpty() || old) {
            return Optional.empty();
        }
        if (version(file.get()).filter(wanted::equals).isPresent()) {
            return Optional.of(file.get().real());
        }
        String base = name.substring(0, name.indexOf(".so") + ".so.".length() - 1);
        String beside = TreePaths.in(TreePaths.parent(file.get().real()), base + "." + wanted.text());
        return search.file(beside).map(Library.Found::real);
    }

    private static Optional<DriverVersion> version(Library.Found file) {
        return DriverVersion.ofFile(TreePaths.name(file.real()));
    }
}
