package io.fedfs.fileserver.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.server.v1.Demotion;
import io.fedfs.server.v1.Intent;
import io.fedfs.server.v1.Promotion;
import io.fedfs.service.ServiceException;
import io.fedfs.v1.Fsl;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
    private static final Intent INTENT = Intent.newBuilder()
            .setId("a-b-c")
            .setPath("/data/\"quoted\" ü\n")
            .setFsn("nsdb://host:7532/7a4d8a3e-0000-4000-8000-000000000001")
            .setPromotion(Promotion.newBuilder()
                    .setDirection(Promotion.Direction.FORWARD)
                    .setFsl(Fsl.newBuilder().setType("nfs").putOptions("vers", "4.2")))
            .build();

    @TempDir
    private Path directory;

    @Test
    void whatWasWrittenIsThereAfterADeathAndGoesWhenRemoved() {
        Path state = directory.resolve("not/yet/there");
        try (Journal journal = Journal.open(state)) {
            journal.write(INTENT);
        }
        Intent other = INTENT.toBuilder()
                .setPromotion(INTENT.getPromotion().toBuilder().setDirection(Promotion.Direction.BACK))
                .build();
        try (Journal journal = Journal.open(state)) {
            assertThat(journal.all()).containsExactly(INTENT);
            journal.write(other);
            assertThat(journal.all()).containsExactly(other);
        }
        try (Journal journal = Journal.open(state)) {
            assertThat(journal.all()).containsExactly(other);
            journal.remove(other);
        }
        try (Journal journal = Journal.open(state)) {
            assertThat(journal.all()).isEmpty();
        }
    }

    @Test
    void anIntentWhoseWritingWasCutOffIsNone() throws Exception {
        Files.writeString(directory.resolve("x.new"), "id: \"x");
        try (Journal journal = Journal.open(directory)) {
            assertThat(journal.all()).isEmpty();
            journal.write(INTENT.toBuilder()
                    .setDemotion(Demotion.getDefaultInstance())
                    .build());
            assertThat(journal.all()).hasSize(1);
        }
    }

    @Test
    void aStateDirectoryHasOneAgent() {
        try (Journal journal = Journal.open(directory)) {
            assertThat(catchThrowableOfType(ServiceException.class, () -> Journal.open(directory))
                            .status())
                    .isEqualTo(FedFsStatus.DELAY);
            assertThat(journal.all()).isEmpty();
        }
        Journal.open(directory).close();
    }

    @Test
    void aDamagedJournalIsNotPassedOver() throws Exception {
        Files.writeString(directory.resolve("x.intent"), "nonsense {");
        assertThat(catchThrowableOfType(ServiceException.class, () -> Journal.open(directory))
                        .status())
                .isEqualTo(FedFsStatus.IO);
    }
}
