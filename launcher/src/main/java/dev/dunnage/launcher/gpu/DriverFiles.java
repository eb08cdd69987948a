package dev.dunnage.launcher.gpu;

import dev.dunnage.mpi.gpu.DriverVersion;
import dev.dunnage.mpi.gpu.GpuMaker;
import dev.dunnage.mpi.gpu.NvidiaDriver;
import dev.dunnage.mpi.ld.Library;
import dev.dunnage.mpi.ld.LibrarySearch;
import dev.dunnage.mpi.ld.Processor;
import dev.dunnage.mpi.tree.FileNode;
import dev.dunnage.mpi.tree.TreePaths;
import java.io.IOException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Files of the node that the programs of a GPU's driver must find.
 *
 * @param version of NVIDIA's driver
 * @param libraries files by the names that programs ask for
 * @param others files and directories by their place in the container
 * @param sockets of the driver's services, by their place in the container
 * @param environment variables
 */
public record DriverFiles(
        Optional<DriverVersion> version,
        Map<String, String> libraries,
        Map<String, String> others,
        Map<String, String> sockets,
        Map<String, String> environment) {
    private static final DriverFiles NONE = new DriverFiles(Optional.empty(), Map.of(), Map.of(), Map.of(), Map.of());
    private static final Pattern LIBRARY = Pattern.compile("lib.+\\.so(?:\\..+)?");
    private static final int MAX_STEPS = 8;

    /** Keeps the order. */
    public DriverFiles {
        libraries = new LinkedHashMap<>(libraries);
        others = new LinkedHashMap<>(others);
        sockets = new LinkedHashMap<>(sockets);
        environment = new LinkedHashMap<>(environment);
    }

    /**
     * What the descriptions of devices (CDI) on the node say; where none does, what NVIDIA's driver is known to have. The
     * libraries of the other makers do not depend on the kernel's version: those of the image serve.
     *
     * @param given devices of the step
     * @throws CdiException when they cannot be had; the message is one line with cause and remedy
     */
    public static DriverFiles of(TreePaths host, GpuMaker maker, Collection<String> given)
            throws IOException, CdiException {
        Optional<CdiEdits> described = Cdi.edits(host, maker, given);
        if (described.isPresent()) {
            return described(host, described.get());
        }
        return maker == GpuMaker.NVIDIA ? found(host) : NONE;
    }

    private static DriverFiles found(TreePaths host) throws IOException, CdiException {
        NvidiaDriver driver = NvidiaDriver.of(host);
        Optional<String> trouble = driver.trouble();
        if (trouble.isPresent()) {
            throw new CdiException(trouble.get());
        }
        if (driver.libraries().isEmpty()) {
            throw new CdiException("devices of NVIDIA's GPUs are there, but neither its kernel module ("
                    + NvidiaDriver.VERSION_FILE + ") nor libcuda.so.1; install the driver");
        }
        Map<String, String> programs = new LinkedHashMap<>();
        driver.programs().forEach(program -> programs.put(program, program));
        return new DriverFiles(driver.module().or(driver::cuda), driver.libraries(), programs, Map.of(), Map.of());
    }

    private static DriverFiles described(TreePaths host, CdiEdits edits) throws IOException, CdiException {
        LibrarySearch search = new LibrarySearch(host, Processor.host(host), List.of());
        DriverFiles files =
                new DriverFiles(NvidiaDriver.module(host), Map.of(), Map.of(), Map.of(), edits.environment());
        for (Map.Entry<String, String> mount : edits.mounts().entrySet()) {
            String real = host.real(mount.getValue())
                    .orElseThrow(() -> new CdiException("the description of the node's GPUs in /etc/cdi or /var/run/cdi"
                            + " names " + mount.getValue() + ", which is absent; have it written anew, as with"
                            + " 'nvidia-ctk cdi generate'"));
            if (isSocket(host, real)) {
                files.sockets.put(mount.getKey(), real);
            } else if (LIBRARY.matcher(TreePaths.name(mount.getKey())).matches()
                    && host.realFile(real).isPresent()) {
                files.addLibrary(search, TreePaths.name(mount.getKey()), real);
            } else {
                files.others.put(mount.getKey(), real);
            }
        }
        edits.links().keySet().forEach(link -> files.addLink(edits.links(), link));
        return files;
    }

    private static boolean isSocket(TreePaths host, String real) throws IOException {
        return host.tree()
                .node(real)
                .filter(node -> node.kind() == FileNode.Kind.OTHER)
                .isPresent();
    }

    /** Programs ask for a library by its SONAME, for which ldconfig makes a link. Those of another processor are left out. */
    private void addLibrary(LibrarySearch search, String name, String real) throws IOException {
        Optional<Library.Found> file = search.file(real);
        if (file.isPresent()) {
            libraries.put(name, real);
            file.get()
                    .elf()
                    .soname()
                    .filter(soname -> soname.indexOf('/') < 0)
                    .ifPresent(soname -> libraries.putIfAbsent(soname, real));
        }
    }

    private void addLink(Map<String, String> links, String link) {
        String name = link;
        for (int step = 0; step < MAX_STEPS && links.containsKey(name); step++) {
            name = links.getOrDefault(name, name);
        }
        String file = libraries.get(name);
        if (file != null && LIBRARY.matcher(link).matches()) {
            libraries.putIfAbsent(link, file);
        }
    }
}
