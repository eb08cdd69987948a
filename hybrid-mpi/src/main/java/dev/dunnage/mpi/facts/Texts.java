package dev.dunnage.mpi.facts;

import dev.dunnage.mpi.elf.ElfException;
import dev.dunnage.mpi.elf.ElfFile;
import dev.dunnage.mpi.elf.FileRange;
import dev.dunnage.mpi.tree.FileBytes;
import dev.dunnage.mpi.tree.TreePaths;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Looks for texts in files, a piece at a time and in so many bytes of one tree as libraries have. Not thread-safe. */
final class Texts {
    private static final long MAX_BYTES = 512L << 20;
    private static final int PIECE = 1 << 20;

    private final TreePaths paths;
    private long left = MAX_BYTES;

    Texts(TreePaths paths) {
        this.paths = paths;
    }

    /** What each text that the library has tells, at its first place; empty when there is too much to look through. */
    Optional<Map<SearchedText, String>> find(String real, List<SearchedText> wanted) throws IOException {
        Map<SearchedText, String> found = new HashMap<>();
        try (FileBytes bytes = paths.tree().open(real)) {
            for (FileRange range : ElfFile.data(bytes)) {
                if (range.length() > left) {
                    return Optional.empty();
                }
                left -= range.length();
                find(bytes, range, wanted, found);
            }
            return Optional.of(found);
        } catch (ElfException e) {
            return Optional.of(Map.of());
        }
    }

    private static void find(
            FileBytes bytes, FileRange range, List<SearchedText> wanted, Map<SearchedText, String> found)
            throws IOException {
        for (long at = 0; at < range.length() && found.size() < wanted.size(); at += PIECE) {
            int length = (int) Math.min(PIECE + SearchedText.LONGEST, range.length() - at);
            String piece = new String(bytes.bytes(range.offset() + at, length), StandardCharsets.ISO_8859_1);
            for (SearchedText text : wanted) {
                if (!found.containsKey(text)) {
                    text.in(piece).ifPresent(told -> found.put(text, told));
                }
            }
        }
    }
}
