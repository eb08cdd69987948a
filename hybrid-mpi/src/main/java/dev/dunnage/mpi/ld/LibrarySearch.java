package dev.dunnage.mpi.ld;

import dev.dunnage.mpi.elf.ElfException;
import dev.dunnage.mpi.elf.ElfFile;
import dev.dunnage.mpi.tree.FileBytes;
import dev.dunnage.mpi.tree.TreePaths;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The search of the loader: DT_RPATH of the file that asks and of those that asked for it, LD_LIBRARY_PATH, DT_RUNPATH,
 * the cache, the default directories. Relative directories, which depend on where a program is started, are left out. Not
 * thread-safe.
 */
public final class LibrarySearch {
    private static final int MAX_LIBRARIES = 4096;

    private final TreePaths paths;
    private final Processor processor;
    private final LdCache cache;
    private final List<String> libraryPath;
    private final boolean multiarch;
    private final List<String> defaults;
    private final Map<String, Optional<ElfFile>> files = new HashMap<>();

    /**
     * Reads the tree's cache.
     *
     * @param libraryPath directories of LD_LIBRARY_PATH
     */
    public LibrarySearch(TreePaths paths, Processor processor, List<String> libraryPath) throws IOException {
        this.paths = paths;
        this.processor = processor;
        this.libraryPath = List.copyOf(libraryPath);
        this.cache = paths.content("/etc/ld.so.cache", LdCache.MAX_BYTES)
                .map(LdCache::of)
                .orElseGet(LdCache::empty);
        this.multiarch =
                paths.realDirectory("/usr/lib/" + processor.multiarch()).isPresent();
        this.defaults = multiarch
                ? List.of("/lib/" + processor.multiarch(), "/usr/lib/" + processor.multiarch(), "/lib", "/usr/lib")
                : List.of("/lib64", "/usr/lib64");
    }

    /** The tree's cache. */
    public LdCache cache() {
        return cache;
    }

    /** Directories that are searched last. */
    public List<String> defaultDirectories() {
        return defaults;
    }

    /** A file in the making of a process. */
    private record Loaded(Library.Found file, String origin, Optional<Loaded> loader) {}

    /**
     * Everything that the loader would load for a file, in its order, without the file itself.
     *
     * @throws ElfException when the file itself is no dynamic one for this processor
     */
    public List<Library> closure(String path) throws IOException, ElfException {
        String real = paths.realFile(path).orElseThrow(() -> new ElfException(path + " does not exist"));
        ElfFile elf = read(real).orElseThrow(() -> new ElfException(path + " is no ELF file for this processor"));
        String place = elf.interpreter().isPresent() ? real : path;
        Loaded start = new Loaded(new Library.Found(path, real, elf), TreePaths.parent(place), Optional.empty());
        return closure(List.of(start));
    }

    private List<Library> closure(List<Loaded> starts) throws IOException {
        List<Library> found = new ArrayList<>();
        Map<String, Loaded> byName = new HashMap<>();
        Map<String, Loaded> byFile = new HashMap<>();
        Deque<Loaded> queue = new ArrayDeque<>(starts);
        starts.forEach(start -> {
            start.file().elf().soname().ifPresent(name -> byName.put(name, start));
            byFile.put(start.file().real(), start);
        });
        List<String> missing = new ArrayList<>();
        while (!queue.isEmpty() && found.size() < MAX_LIBRARIES) {
            Loaded asker = queue.removeFirst();
            for (String name : asker.file().elf().needed()) {
                if (byName.containsKey(name) || missing.contains(name)) {
                    continue;
                }
                Optional<Loaded> loaded = find(name, asker);
                if (loaded.isEmpty()) {
                    missing.add(name);
                    found.add(new Library(name, Optional.empty()));
                    continue;
                }
                Loaded known = byFile.get(loaded.get().file().real());
                Loaded one = known == null ? loaded.get() : known;
                byName.put(name, one);
                if (known == null) {
                    one.file().elf().soname().ifPresent(soname -> byName.putIfAbsent(soname, one));
                    byFile.put(one.file().real(), one);
                    found.add(new Library(name, Optional.of(one.file())));
                    queue.addLast(one);
                }
            }
        }
        return found;
    }

    /** Where the loader finds a library that nobody in particular asks for, as with dlopen from a plain program. */
    public Optional<Library.Found> find(String name) throws IOException {
        Optional<Library.Found> byPath = inDirectories(libraryPath, "/", name);
        return byPath.isPresent() ? byPath : inCacheOrDefaults(name, false);
    }

    private Optional<Loaded> find(String name, Loaded asker) throws IOException {
        Optional<Library.Found> file =
                name.indexOf('/') >= 0 ? file(expand(name, asker.origin())) : inAllPlaces(name, asker);
        return file.map(found -> new Loaded(found, TreePaths.parent(found.path()), Optional.of(asker)));
    }

    private Optional<Library.Found> inAllPlaces(String name, Loaded asker) throws IOException {
        ElfFile elf = asker.file().elf();
        if (elf.runpath().isEmpty()) {
            for (Optional<Loaded> at = Optional.of(asker);
                    at.isPresent();
                    at = at.get().loader()) {
                ElfFile above = at.get().file().elf();
                List<String> rpath = above.runpath().isEmpty() ? above.rpath() : List.of();
                Optional<Library.Found> found = inDirectories(rpath, at.get().origin(), name);
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        Optional<Library.Found> found = inDirectories(libraryPath, asker.origin(), name);
        if (found.isEmpty()) {
            found = inDirectories(elf.runpath(), asker.origin(), name);
        }
        return found.isPresent() ? found : inCacheOrDefaults(name, elf.noDefaultLibraries());
    }

    private Optional<Library.Found> inCacheOrDefaults(String name, boolean noDefaults) throws IOException {
        Optional<String> cached = cache.find(name, processor);
        if (cached.isPresent() && !(noDefaults && defaults.contains(TreePaths.parent(cached.get())))) {
            Optional<Library.Found> found = file(cached.get());
            if (found.isPresent()) {
                return found;
            }
        }
        return noDefaults ? Optional.empty() : inDirectories(defaults, "/", name);
    }

    private Optional<Library.Found> inDirectories(List<String> directories, String origin, String name)
            throws IOException {
        for (String each : directories) {
            String directory = expand(each, origin);
            if (!directory.startsWith("/")) {
                continue;
            }
            for (String level : processor.levels()) {
                String beneath = TreePaths.in(TreePaths.in(directory, "glibc-hwcaps"), level);
                Optional<Library.Found> found = file(TreePaths.in(beneath, name));
                if (found.isPresent()) {
                    return found;
                }
            }
            Optional<Library.Found> found = file(TreePaths.in(directory, name));
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private String expand(String text, String origin) {
        if (text.indexOf('$') < 0) {
            return text;
        }
        String lib = multiarch ? "lib/" + processor.multiarch() : "lib64";
        return replace(replace(replace(text, "ORIGIN", origin), "LIB", lib), "PLATFORM", processor.name());
    }

    private static String replace(String text, String name, String value) {
        return text.replace("${" + name + "}", value).replace("$" + name, value);
    }

    /** The file when a process of this processor can have it; empty when it is another one, damaged or not there. */
    public Optional<Library.Found> file(String path) throws IOException {
        Optional<String> real = paths.realFile(path);
        if (real.isEmpty()) {
            return Optional.empty();
        }
        return read(real.get()).map(elf -> new Library.Found(path, real.get(), elf));
    }

    /** A file that the loader could use; empty when it is another one or damaged. */
    private Optional<ElfFile> read(String real) throws IOException {
        Optional<ElfFile> known = files.get(real);
        if (known == null) {
            known = parse(real);
            files.put(real, known);
        }
        return known;
    }

    private Optional<ElfFile> parse(String real) throws IOException {
        try (FileBytes bytes = paths.tree().open(real)) {
            ElfFile elf = ElfFile.read(bytes);
            return elf.header().machine() == processor.machine() ? Optional.of(elf) : Optional.empty();
        } catch (ElfException | AccessDeniedException e) {
            return Optional.empty();
        }
    }
}
