package io.fedfs.nsdb;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows between the rooms of the daemon. */
@AnalyzeClasses(packages = "io.fedfs.nsdb", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule STORES_AND_RECORDS_KNOW_NO_WIRE = noClasses()
            .that()
            .resideInAnyPackage("..nsdb.store..", "..nsdb.model..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.grpc..", "io.fedfs.v1..", "com.google.protobuf..");

    @ArchTest
    static final ArchRule ONLY_THE_STORE_KNOWS_A_DATABASE = noClasses()
            .that()
            .resideOutsideOfPackage("..nsdb.store..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.sql..", "org.sqlite..");

    @ArchTest
    static final ArchRule ONLY_THE_SERVER_AND_THE_COMMAND_SPEAK_GRPC = noClasses()
            .that()
            .resideOutsideOfPackages("..nsdb.server..", "..nsdb.command..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.grpc..");

    @ArchTest
    static final ArchRule NO_CYCLES =
            slices().matching("io.fedfs.nsdb.(*)..").should().beFreeOfCycles();
}
