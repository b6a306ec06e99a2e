package io.fedfs.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fedfs.yaml.YamlException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LivePolicyTest {
    private static final String ONE = "grants: [{to: a, operations: all}]";
    private static final String TWO = "grants: [{to: a, operations: all}, {to: b, operations: all}]";

    @TempDir
    Path directory;

    private final AtomicLong nanos = new AtomicLong();

    @Test
    void aChangeIsReadWithinASecondAndAWrongOneLeavesTheOldInForce() throws Exception {
        Path file = Files.writeString(directory.resolve("policy.yaml"), ONE);
        LiveFiles<Policy> policy = LivePolicy.reader(file, Set.of("x"), nanos::get);
        assertThat(policy.current().size()).isEqualTo(1);

        replace(file, TWO);
        assertThat(policy.current().size()).as("not looked at again yet").isEqualTo(1);
        nanos.addAndGet(1_000_000_000);
        assertThat(policy.current().size()).isEqualTo(2);

        replace(file, "grants: [{to: a, operations: nothing}]");
        nanos.addAndGet(1_000_000_000);
        assertThat(policy.current().size()).isEqualTo(2);

        Files.delete(file);
        nanos.addAndGet(1_000_000_000);
        assertThat(policy.current().size())
                .as("a policy that is gone grants what it did")
                .isEqualTo(2);

        replace(file, ONE);
        nanos.addAndGet(1_000_000_000);
        assertThat(policy.current().size()).isEqualTo(1);
    }

    private void replace(Path file, String text) throws Exception {
        Path fresh = Files.writeString(directory.resolve("fresh"), text);
        Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
    }

    @Test
    void nothingStartsWithAWrongPolicy() throws Exception {
        Path file = Files.writeString(directory.resolve("policy.yaml"), "grants: [{to: a}]");
        assertThatThrownBy(() -> LivePolicy.of(file, Set.of())).isInstanceOf(YamlException.class);
        assertThatThrownBy(() -> LivePolicy.of(directory.resolve("none"), Set.of()))
                .isInstanceOf(YamlException.class)
                .hasMessageContaining("none");
    }

    @Test
    void withoutAFileEverybodyMayDoEverything() {
        try (LivePolicy policy = LivePolicy.open()) {
            assertThat(policy.get().covering(Principal.NOBODY, new Check("x", Access.WRITE, Target.whole("x"))))
                    .isPresent();
        }
    }
}
