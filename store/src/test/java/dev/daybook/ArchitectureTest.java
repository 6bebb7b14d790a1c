package dev.daybook;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import org.junit.jupiter.api.Test;

/** Rules about the structure, each named after what it buys. */
class ArchitectureTest {
    private static final JavaClasses STORE = new ClassFileImporter()
            .withImportOption(location -> !location.contains("/test-classes/")) // wherever the build puts them
            .importPackages("dev.daybook");

    private static void check(ArchRule rule) {
        rule.check(STORE);
    }

    @Test
    void onlyTheDiskTouchesFiles() {
        check(
                noClasses()
                        .that()
                        .resideOutsideOfPackages("dev.daybook.internal.disk..")
                        .and()
                        .doNotHaveFullyQualifiedName(
                                "dev.daybook.journal.Interchange") // reads the file that a caller imports
                        .should()
                        .dependOnClassesThat()
                        .haveNameMatching(
                                "java\\.nio\\.channels\\.(?!Closed.*Exception).*|java\\.nio\\.file\\.Files|java\\.io\\.(File|RandomAccessFile|FileInputStream|FileOutputStream)"));
    }

    @Test
    void onlyTheClockTellsTime() {
        check(noClasses()
                .that()
                .resideOutsideOfPackages("dev.daybook.internal.time..", "dev.daybook.driver.filesystem..")
                .should()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(java.time.Instant.class, "now")
                .orShould()
                .callMethod(java.time.LocalDate.class, "now"));
    }

    @Test
    void theJournalKnowsNoFiles() {
        check(noClasses()
                .that()
                .resideInAPackage("dev.daybook.journal..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.daybook.internal.disk..",
                        "dev.daybook.driver.filesystem..",
                        "dev.daybook.driver.memory.."));
    }

    @Test
    void driversKnowNothingAboveThem() {
        check(noClasses()
                .that()
                .resideInAPackage("dev.daybook.driver..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.daybook.journal..", "dev.daybook.stream.."));
    }

    @Test
    void theSeamsDependOnNothing() {
        check(noClasses()
                .that()
                .resideInAnyPackage("dev.daybook.internal.disk..", "dev.daybook.internal.time..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.daybook.journal..", "dev.daybook.stream..", "dev.daybook.driver.."));
    }

    @Test
    void theStoreNeedsOnlyTheJdkAndSqlite() {
        check(classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("dev.daybook..", "java..", "org.sqlite..", "org.jspecify.annotations.."));
    }

    @Test
    void sqlStaysInViews() {
        check(noClasses()
                .that()
                .resideOutsideOfPackage("dev.daybook.view..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.sql..", "javax.sql..", "org.sqlite.."));
    }

    @Test
    void viewsCanBeDeleted() {
        check(noClasses()
                .that()
                .resideOutsideOfPackages("dev.daybook", "dev.daybook.view..") // the facade, which hands them out
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.daybook.view.."));
    }

    @Test
    void nothingIsDeserialised() {
        check(noClasses().should().dependOnClassesThat().haveFullyQualifiedName("java.io.ObjectInputStream"));
    }
}
