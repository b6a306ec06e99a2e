package io.fedfs.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.fedfs.cli", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    /** A short command's time is spent loading classes, and gRPC has thousands. */
    @ArchTest
    static final ArchRule onlyTwoRoomsSpeakGrpc = noClasses()
            .that()
            .resideOutsideOfPackages("io.fedfs.cli.nsdb..", "io.fedfs.cli.server..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.grpc..", "io.fedfs.v1..", "io.fedfs.resolver..");

    @ArchTest
    static final ArchRule commandsForMountsNeedNoNativeCode = noClasses()
            .that()
            .resideInAnyPackage("io.fedfs.cli.mount..", "io.fedfs.cli.terminal..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.fedfs.junction..", "io.fedfs.linux..", "jnr..");

    @ArchTest
    static final ArchRule onlyThePkiRoomMakesCertificates = noClasses()
            .that()
            .resideOutsideOfPackage("io.fedfs.cli.pki..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.fedfs.pki..", "org.bouncycastle..");

    @ArchTest
    static final ArchRule roomsDoNotKnowOneAnother =
            slices().matching("io.fedfs.cli.(nsdb|local|mount|pki)..").should().notDependOnEachOther();

    @ArchTest
    static final ArchRule noCycles =
            slices().matching("io.fedfs.cli.(*)..").should().beFreeOfCycles();
}
