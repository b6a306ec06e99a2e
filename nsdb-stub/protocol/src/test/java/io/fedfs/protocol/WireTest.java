package io.fedfs.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.v1.Annotation;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class WireTest {
    private static int currency(int recorded, String annotation) {
        return Wire.fsl(io.fedfs.v1.Fsl.newBuilder()
                        .setUuid(new UUID(1, 1).toString())
                        .setCurrency(recorded)
                        .addAnnotations(
                                Annotation.newBuilder().setKey(annotation).setValue("true"))
                        .build())
                .currency();
    }

    @Test
    void aLocationThatLacksJunctionsIsNotCurrent() {
        String lacks = FslAnnotation.LACKS_JUNCTIONS + "files1.example.org";
        assertThat(currency(0, lacks)).isEqualTo(1);
        assertThat(currency(-1, lacks)).isEqualTo(1);
        assertThat(currency(600, lacks)).isEqualTo(600);
        assertThat(currency(0, "fedfs.other")).isZero();
    }
}
