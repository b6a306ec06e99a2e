package io.fedfs.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The arrows of the design, for everything that the mount is made of. */
@AnalyzeClasses(packages = "io.fedfs", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
    @ArchTest
    static final ArchRule ONLY_NATIVE_AND_SESSIONS_SPEAK_JNR = noClasses()
            .that()
            .resideOutsideOfPackages("io.fedfs.linux..", "io.fedfs.fuse.kernel..", "io.fedfs.fuse.jnr..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("jnr..", "ru.serce..", "com.kenai.jffi..")
            .because("the C world ends there");

    @ArchTest
    static final ArchRule GRPC_ENDS_IN_ITS_PACKAGES = noClasses()
            .that()
            .resideOutsideOfPackages(
                    "io.fedfs.resolver.grpc..", "io.fedfs.authority..", "io.fedfs.v1..", "io.fedfs.protocol..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.grpc..")
            .because("only the classes that speak gRPC know its types");

    @ArchTest
    static final ArchRule THE_RESOLVER_KNOWS_NO_FUSE = noClasses()
            .that()
            .resideInAPackage("io.fedfs.resolver..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.fedfs.fuse..", "io.fedfs.projection..", "io.fedfs.attach..", "io.fedfs.linux..");

    @ArchTest
    static final ArchRule THE_PROTOCOL_KNOWS_NO_TREE = noClasses()
            .that()
            .resideInAPackage("io.fedfs.fuse..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.fedfs.projection..",
                    "io.fedfs.attach..",
                    "io.fedfs.resolver..",
                    "io.fedfs.control..",
                    "io.fedfs.mount..");

    @ArchTest
    static final ArchRule JUNCTIONS_STAND_ALONE = noClasses()
            .that()
            .resideInAPackage("io.fedfs.junction..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.fedfs.resolver..", "io.fedfs.fuse..", "io.fedfs.projection..", "io.fedfs.mount..");

    @ArchTest
    static final ArchRule NO_CYCLES =
            slices().matching("io.fedfs.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule NO_MUTABLE_STATICS = fields().that()
            .areStatic()
            .and()
            .areDeclaredInClassesThat()
            .resideOutsideOfPackages("io.fedfs.v1..", "io.fedfs.control.v1..")
            .should()
            .beFinal()
            .because("main builds the object graph, nothing is global");
}
