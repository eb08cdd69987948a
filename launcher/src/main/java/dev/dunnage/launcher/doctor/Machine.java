package dev.dunnage.launcher.doctor;

import dev.dunnage.launcher.build.Tool;
import dev.dunnage.mpi.tree.HostTree;
import dev.dunnage.mpi.tree.TreePaths;
import dev.dunnage.policy.OwnershipRule;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The machine that is looked at.
 *
 * @param root its root directory
 * @param prefix where Dunnage is installed; empty when this is not an installation
 * @param environment variables of this process
 * @param ownership who may own site files
 */
public record Machine(Path root, Optional<Path> prefix, Map<String, String> environment, OwnershipRule ownership) {

    /** Copies the map. */
    public Machine {
        environment = Map.copyOf(environment);
    }

    /** This machine. */
    public static Machine here() {
        // the installed launcher names its directory of native libraries
        Optional<Path> prefix = Optional.ofNullable(System.getProperty("jna.boot.library.path"))
                .map(text -> Path.of(text).toAbsolutePath().normalize())
                .filter(path -> path.endsWith("lib/dunnage"))
                .map(path -> path.resolve("../..").normalize());
        return new Machine(Path.of("/"), prefix, System.getenv(), OwnershipRule.rootOnly());
    }

    Path path(String absolute) {
        return root.resolve(absolute.substring(1));
    }

    TreePaths tree() {
        return new TreePaths(new HostTree(root));
    }

    boolean has(String absolute) {
        return Files.exists(path(absolute));
    }

    /** The content of a small file without blanks around it; empty when there is none that can be read. */
    Optional<String> text(String absolute) {
        try {
            return Optional.of(
                    Files.readString(path(absolute), StandardCharsets.UTF_8).strip());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The program of that name on the usual search path. */
    Optional<Path> program(String name) {
        String search = environment.getOrDefault("PATH", "") + ":/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";
        return Tool.find(name, search, root).map(Tool::path);
    }

    /**
     * Owner and rights.
     *
     * @param owner uid
     * @param mode permission bits
     */
    record Rights(int owner, int mode) {
        boolean writableByOthers() {
            return (mode & 022) != 0;
        }

        String text() {
            return "owner " + Integer.toUnsignedString(owner) + ", mode " + Integer.toOctalString(mode & 07777);
        }
    }

    /** The uid of root there. */
    int owner() {
        return rights(root).map(Rights::owner).orElse(0);
    }

    /** Empty when there is nothing, or no right to look. */
    static Optional<Rights> rights(Path file) {
        try {
            Map<String, Object> found = Files.readAttributes(file, "unix:uid,mode", new LinkOption[0]);
            return found.get("uid") instanceof Integer uid && found.get("mode") instanceof Integer mode
                    ? Optional.of(new Rights(uid, mode))
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
