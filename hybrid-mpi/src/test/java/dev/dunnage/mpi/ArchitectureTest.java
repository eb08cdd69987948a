package dev.dunnage.mpi;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;

@AnalyzeClasses(packages = "dev.dunnage", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule KNOWS_NO_OTHER_MODULE = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.dunnage.sif..", "dev.dunnage.policy..", "dev.dunnage.launcher..");

    @ArchTest
    static final ArchRule RUNS_NOTHING = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.net..")
            .orShould()
            .dependOnClassesThat()
            .belongToAnyOf(ProcessBuilder.class, Process.class, Runtime.class);

    @ArchTest
    static final ArchRule ONLY_TREES_OPEN_FILES = noClasses()
            .that()
            .resideOutsideOfPackage("dev.dunnage.mpi.tree")
            .should()
            .dependOnClassesThat()
            .belongToAnyOf(Files.class, FileChannel.class, RandomAccessFile.class);

    @ArchTest
    static final ArchRule NO_CYCLES =
            slices().matching("dev.dunnage.mpi.(*)..").should().beFreeOfCycles();
}
