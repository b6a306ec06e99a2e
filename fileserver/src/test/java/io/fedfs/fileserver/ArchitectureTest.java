package io.fedfs.fileserver;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows between the rooms of the agent. */
@AnalyzeClasses(packages = "io.fedfs.fileserver", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule ONLY_SERVICE_AND_COMMAND_SPEAK_GRPC = noClasses()
            .that()
            .resideOutsideOfPackages("..fileserver.service..", "..fileserver.command..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.grpc..");

    @ArchTest
    static final ArchRule NATIVE_CODE_IS_CALLED_BY_NAME = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("jnr..", "com.kenai..", "io.fedfs.fuse..", "io.fedfs.cli..");

    /** A path that is opened twice may be two files. */
    @ArchTest
    static final ArchRule ONLY_PLACES_AND_THE_JOURNAL_OPEN_FILES = noClasses()
            .that()
            .resideInAPackage("..fileserver.service..")
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.nio.file.Files");

    @ArchTest
    static final ArchRule NO_CYCLES =
            slices().matching("io.fedfs.fileserver.(*)..").should().beFreeOfCycles();
}
