package dev.dunnage.launcher;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "dev.dunnage.launcher", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule ONLY_THE_COMMAND_LINE_KNOWS_PICOCLI = noClasses()
            .that()
            .resideOutsideOfPackage("..launcher.cli..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("picocli..");

    @ArchTest
    static final ArchRule ONLY_A_FEW_PACKAGES_CALL_THE_SYSTEM = noClasses()
            .that()
            .resideOutsideOfPackages(
                    "..launcher.agent..",
                    "..launcher.accounts..",
                    "..launcher.audit..",
                    "..launcher.cache..",
                    "..launcher.store..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.sun.jna..");

    @ArchTest
    static final ArchRule ONLY_A_FEW_PACKAGES_START_PROCESSES = noClasses()
            .that()
            .resideOutsideOfPackages("..launcher.build..", "..launcher.credentials..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.commons.exec..")
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(ProcessBuilder.class);

    @ArchTest
    static final ArchRule PLANNING_KNOWS_NO_ENTRY_POINT = noClasses()
            .that()
            .resideInAnyPackage("..launcher.plan..", "..launcher.store..", "..launcher.wire..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("..launcher.cli..", "..launcher.agent..", "..launcher.oneshot..", "..launcher.build..");

    @ArchTest
    static final ArchRule THE_WIRE_KNOWS_NOTHING = noClasses()
            .that()
            .resideInAPackage("..launcher.wire..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.dunnage.sif..", "dev.dunnage.policy..", "dev.dunnage.mpi..", "..launcher.plan..");

    @ArchTest
    static final ArchRule NO_CYCLES =
            slices().matching("dev.dunnage.launcher.(*)..").should().beFreeOfCycles();
}
