package dev.dunnage.launcher.mpi;

import dev.dunnage.mpi.facts.MpiLibrary;
import dev.dunnage.mpi.facts.TreeFacts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What was found in an image or on a machine, for people and for programs. */
public final class FactsText {
    private FactsText() {}

    /** Members of a JSON object; {@code docs/json.md} has the shapes. */
    public static Map<String, Object> members(TreeFacts facts) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("mpi", facts.mpi().stream().map(FactsText::library).toList());
        members.put("libc", facts.libc());
        members.put("libc-version", facts.libcVersion());
        members.put("pmix", facts.pmix());
        members.put("pmix-psec", facts.psec());
        members.put("pmix-gds", facts.gds());
        members.put("fabrics", facts.fabrics());
        members.put("rdma-abi", facts.rdmaAbi());
        members.put("gpus", facts.gpus());
        members.put("ucx-gpus", facts.ucxGpus());
        members.put("complete", facts.complete());
        return members;
    }

    private static Map<String, Object> library(MpiLibrary library) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("path", library.path());
        members.put("soname", library.soname());
        members.put("family", library.family().label());
        members.put("version", library.version());
        members.put("protocols", List.copyOf(library.protocols()));
        members.put("certain", library.certain());
        members.put("fortran", library.fortran());
        members.put("glibc", library.glibc());
        members.put("gpus", library.gpus());
        return members;
    }

    /** Lines for a terminal; not yet rid of what terminals should not see. */
    public static List<String> lines(TreeFacts facts) {
        List<String> lines = new ArrayList<>();
        if (facts.mpi().isEmpty()) {
            lines.add("MPI: none found");
        }
        for (MpiLibrary library : facts.mpi()) {
            lines.add("MPI: " + library.label() + ", " + library.soname() + " (" + library.path() + ")");
            lines.add(
                    "  speaks: " + (library.protocols().isEmpty() ? "unknown" : String.join(", ", library.protocols()))
                            + (library.certain() ? "" : " (perhaps more)"));
            library.glibc().ifPresent(version -> lines.add("  needs glibc: " + version));
            if (!library.fortran().isEmpty()) {
                lines.add("  Fortran: " + String.join(", ", library.fortran()));
            }
            if (!library.gpus().isEmpty()) {
                lines.add("  GPU memory: " + String.join(", ", library.gpus()));
            }
        }
        lines.add("libc: " + facts.libc().orElse("none found")
                + facts.libcVersion().map(version -> " " + version).orElse(""));
        if (facts.pmix().isPresent() || !facts.psec().isEmpty()) {
            lines.add("PMIx: " + facts.pmix().orElse("unknown version") + ", psec " + String.join(" ", facts.psec())
                    + ", gds " + String.join(" ", facts.gds()));
        }
        facts.fabrics().forEach((name, file) -> lines.add("network: " + name + " (" + file + ")"));
        if (!facts.rdmaAbi().isEmpty()) {
            lines.add("verbs drivers: private ABI " + String.join(", ", facts.rdmaAbi()));
        }
        if (!facts.ucxGpus().isEmpty()) {
            lines.add("UCX, GPU memory: " + String.join(", ", facts.ucxGpus()));
        }
        if (!facts.gpus().isEmpty()) {
            lines.add("GPU: " + String.join(", ", facts.gpus()));
        }
        if (!facts.complete()) {
            lines.add("note: the tree is too large, not all of it was looked at");
        }
        return lines;
    }
}
