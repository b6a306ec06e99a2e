package io.fedfs.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class MountOptionsTest {
    @Test
    void optionsAreReadAsMountDoes() {
        MountOptions o = MountOptions.parse(
                List.of("ro,allow_other", "local_root=/a:/b,entry_timeout=0.5,engine=jnr-fuse,daos=/mnt"));
        assertThat(o.readOnly).isTrue();
        assertThat(o.allowOther).isTrue();
        assertThat(o.localRoots).containsExactly(Path.of("/a"), Path.of("/b"));
        assertThat(o.entryTimeout).isEqualTo(Duration.ofMillis(500));
        assertThat(o.engine).isEqualTo(MountOptions.Engine.JNR_FUSE);
        assertThat(o.daos).containsEntry("daos", "/mnt");
    }

    @Test
    void wordsOfFstabAreLeftToMount() {
        MountOptions o = MountOptions.parse(List.of("rw,_netdev,nofail,x-systemd.automount,defaults"));
        assertThat(o.given).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "alow_other|\"alow_other\"",
                "colour=red|\"colour\"",
                "ro=1|\"ro\" takes no value",
                "local_root|\"local_root\" needs a value",
                "local_root=tmp|absolute",
                "engine=fuse4|engine is kernel or jnr-fuse",
                "entry_timeout=soon|number of seconds",
                "entry_timeout=-1|number of seconds",
                "entry_timeout=NaN|number of seconds",
                "deadline=0|0.1 to 120",
                "max_threads=1|4 to 4096",
                "busy_poll=1001|0 to 1000"
            })
    void badOptionsAreRefusedByName(String option, String says) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MountOptions.parse(List.of(option)))
                .withMessageContaining(says);
    }

    @ParameterizedTest
    @CsvSource({
        "nsdb://h:1/6ba8c6d5-9e0b-4894-ad2c-b7e7c41eb540,nsdb://h:1/6ba8c6d5-9e0b-4894-ad2c-b7e7c41eb540,",
        "nsdb://h/main,,main",
        "nsdb://h:99,,''",
        "nsdb://h:99/,,''"
    })
    void aRootIsAFilesetOrANamespace(String text, String fsn, String namespace) {
        Root root = Root.parse(text);
        assertThat(root.fsn().map(Object::toString).orElse(null)).isEqualTo(fsn);
        assertThat(root.fsn().isPresent() ? null : root.namespace()).isEqualTo(namespace);
    }

    @Test
    void aRootOfAnotherSchemeIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Root.parse("host:/export"))
                .withMessageContaining("nsdb://");
    }
}
