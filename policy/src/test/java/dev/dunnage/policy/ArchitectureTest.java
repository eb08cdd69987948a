package dev.dunnage.policy;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "dev.dunnage", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule KNOWS_NO_OTHER_MODULE = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("dev.dunnage.sif..", "dev.dunnage.mpi..", "dev.dunnage.launcher..");

    @ArchTest
    static final ArchRule OPENS_NO_SOCKET = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.net..", "javax.net..", "java.nio.channels..");

    @ArchTest
    static final ArchRule STARTS_NO_PROCESS = noClasses()
            .should()
            .dependOnClassesThat()
            .belongToAnyOf(ProcessBuilder.class, Process.class, ProcessHandle.class, Runtime.class);

    @ArchTest
    static final ArchRule USES_ONLY_THE_STREAMING_PARSER =
            noClasses().should().dependOnClassesThat().resideInAPackage("com.fasterxml.jackson.databind..");

    @ArchTest
    static final ArchRule KEEPS_PARSERS_OUT_OF_ITS_API = classes()
            .that()
            .arePublic()
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "dev.dunnage.policy..", "org.jspecify..");
}
