package io.fedfs.cli.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fedfs.cli.terminal.CommandFailure;
import io.fedfs.protocol.NsdbAddress;
import org.junit.jupiter.api.Test;

class ServerPlaceTest {
    @Test
    void aServerAndAPathAreToldApart() {
        assertThat(ServerPlace.parse("files1:/data/a:b"))
                .isEqualTo(new ServerPlace(new NsdbAddress("files1", 7533), "/data/a:b"));
        assertThat(ServerPlace.parse("files1:99:/")).isEqualTo(new ServerPlace(new NsdbAddress("files1", 99), "/"));
        assertThat(ServerPlace.parse("[::1]:99:/x")).isEqualTo(new ServerPlace(new NsdbAddress("::1", 99), "/x"));
        assertThat(ServerPlace.parse("[::1]:/x").server().port()).isEqualTo(7533);
    }

    @Test
    void pathsAndFsnsAreNoPlaces() {
        assertThat(ServerPlace.isMeant("/srv/a:/b")).isFalse();
        assertThat(ServerPlace.isMeant("a:b")).isFalse();
        assertThat(ServerPlace.isMeant("relative/a:/b")).isFalse();
        assertThat(ServerPlace.isMeant("nsdb://host/7a4d8a3e-0000-4000-8000-000000000001"))
                .isFalse();
        assertThatThrownBy(() -> ServerPlace.parse("files1")).isInstanceOf(CommandFailure.class);
        assertThatThrownBy(() -> ServerPlace.parse("a b:/x")).isInstanceOf(CommandFailure.class);
        assertThatThrownBy(() -> ServerPlace.parse("a:x:/x")).isInstanceOf(CommandFailure.class);
    }
}
