package io.fedfs.resolver;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.time.Instant;

@AnalyzeClasses(packages = "io.fedfs.resolver", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule GRPC_ENDS_WHERE_IT_IS_SPOKEN = noClasses()
            .that()
            .resideOutsideOfPackage("io.fedfs.resolver.grpc..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.grpc..", "io.fedfs.v1..");

    @ArchTest
    static final ArchRule NO_FILE_SYSTEM_IS_KNOWN_HERE = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("jnr..", "io.fedfs.fuse..", "io.fedfs.junction..", "io.fedfs.ffi..");

    @ArchTest
    static final ArchRule ONLY_THE_THREADS_KNOW_THE_SYSTEMS_TIME = noClasses()
            .that()
            .doNotHaveFullyQualifiedName("io.fedfs.resolver.ResolverThreads")
            .and()
            .doNotHaveFullyQualifiedName("io.fedfs.resolver.Replicas")
            .should()
            .callMethod(Clock.class, "systemUTC")
            .orShould()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis");

    @ArchTest
    static final ArchRule NO_CYCLES =
            slices().matching("io.fedfs.resolver.(*)..").should().beFreeOfCycles();
}
