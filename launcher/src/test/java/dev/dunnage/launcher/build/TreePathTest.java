package dev.dunnage.launcher.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreePathTest {
    @TempDir
    Path tree;

    @Test
    void linksStayInTheTree() throws Exception {
        Files.createDirectories(tree.resolve("usr/lib"));
        Files.createSymbolicLink(tree.resolve("lib"), Path.of("usr/lib"));
        Files.createSymbolicLink(tree.resolve("absolute"), Path.of("/usr/lib"));
        Files.createSymbolicLink(tree.resolve("out"), Path.of("../../../etc"));
        assertThat(TreePath.resolve(tree, "/lib/x")).isEqualTo(tree.resolve("usr/lib/x"));
        assertThat(TreePath.resolve(tree, "/absolute/x/y")).isEqualTo(tree.resolve("usr/lib/x/y"));
        assertThat(TreePath.resolve(tree, "/out/passwd")).isEqualTo(tree.resolve("etc/passwd"));
        assertThat(TreePath.resolve(tree, "/../../x")).isEqualTo(tree.resolve("x"));
        assertThat(TreePath.resolve(tree, "/lib/../x")).isEqualTo(tree.resolve("x"));
    }

    @Test
    void circlesAreRefused() throws Exception {
        Files.createSymbolicLink(tree.resolve("a"), Path.of("b"));
        Files.createSymbolicLink(tree.resolve("b"), Path.of("a"));
        assertThatThrownBy(() -> TreePath.resolve(tree, "/a")).isInstanceOf(ToolException.class);
    }

    @Test
    void wildCards() throws Exception {
        Files.createDirectories(tree.resolve("d1"));
        Files.createDirectories(tree.resolve("d2"));
        for (String name : new String[] {"d1/a.c", "d2/b.c", "d2/.hidden.c", "d2/[x]"}) {
            Files.createFile(tree.resolve(name));
        }
        assertThat(Globs.expand(tree, Path.of("d*/*.c")))
                .containsExactly(tree.resolve("d1/a.c"), tree.resolve("d2/b.c"));
        assertThat(Globs.expand(tree, Path.of("d2/[x]"))).containsExactly(tree.resolve("d2/[x]"));
        assertThat(Globs.expand(tree, Path.of("absent"))).isEmpty();
    }

    @Test
    void rangesOfIds() throws Exception {
        Path file = Files.writeString(
                tree.resolve("subuid"),
                "bob:1:65536\n# x\nalice:5:10\nalice:200000:65536\n2001:300000:65536\nalice:x:y\n");
        assertThat(IdRange.in(file, Set.of("alice", "2001")).orElseThrow().argument())
                .isEqualTo("200000:65536");
        assertThat(IdRange.in(file, Set.of("2001")).orElseThrow().argument()).isEqualTo("300000:65536");
        assertThat(IdRange.in(file, Set.of("carol"))).isEmpty();
        assertThat(IdRange.in(tree.resolve("absent"), Set.of("alice"))).isEmpty();
    }
}
