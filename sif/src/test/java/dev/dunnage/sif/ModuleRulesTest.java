package dev.dunnage.sif;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** What this library must never grow into. */
@AnalyzeClasses(packages = "dev.dunnage.sif", importOptions = ImportOption.DoNotIncludeTests.class)
class ModuleRulesTest {
    @ArchTest
    static final ArchRule startsNoProcess = noClasses()
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.lang.Process")
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.lang.ProcessBuilder")
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.lang.Runtime");

    @ArchTest
    static final ArchRule opensNoSocket = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.net..", "javax.net..")
            .orShould()
            .dependOnClassesThat()
            .haveNameMatching("java\\.nio\\.channels\\..*(Socket|Datagram).*");

    @ArchTest
    static final ArchRule logsNothing = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.util.logging..", "org.slf4j..", "org.apache..")
            .orShould()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err");

    @ArchTest
    static final ArchRule hasNoCycles =
            slices().matching("dev.dunnage.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule bouncyCastleStaysInOnePlace = classes()
            .that(resideInAPackage("dev.dunnage.sif.."))
            .and()
            .resideOutsideOfPackage("dev.dunnage.sif.key")
            .should()
            .onlyDependOnClassesThat()
            .resideOutsideOfPackage("org.bouncycastle..");
}
