package io.fedfs.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fedfs.v1.NsdbGrpc;
import java.util.List;
import org.junit.jupiter.api.Test;

class RulesTest {
    @Test
    void aServiceWithAMethodWithoutARuleDoesNotStart() {
        assertThatThrownBy(() -> Rules.of(NsdbGrpc.getServiceDescriptor())
                        .read("GetInfo", Object.class, r -> List.of())
                        .build())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("without a rule")
                .hasMessageContaining("Resolve")
                .hasMessageNotContaining("GetInfo");
    }

    @Test
    void aRuleForNoMethodAndASecondOneAreMistakes() {
        assertThatThrownBy(() -> Rules.of(NsdbGrpc.getServiceDescriptor())
                        .read("GetInfos", Object.class, r -> List.of())
                        .build())
                .hasMessageContaining("without a method [GetInfos]");
        Rules.Builder rules = Rules.of(NsdbGrpc.getServiceDescriptor()).read("GetInfo", Object.class, r -> List.of());
        assertThatThrownBy(() -> rules.write("GetInfo", Object.class, r -> List.of()))
                .hasMessageContaining("two rules");
    }

    @Test
    void operationsAreTheMethodsNamesInLowerCase() {
        assertThat(Rules.operation("AddFsl")).isEqualTo("add-fsl");
        assertThat(Rules.operation("SetFsnState")).isEqualTo("set-fsn-state");
        assertThat(Rules.operation("Watch")).isEqualTo("watch");
    }
}
