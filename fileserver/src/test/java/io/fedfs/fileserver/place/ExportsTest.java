package io.fedfs.fileserver.place;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.fedfs.fileserver.config.AccessProtocol;
import io.fedfs.fileserver.config.Export;
import io.fedfs.fileserver.place.Exports.Located;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.service.ServiceException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ExportsTest {
    private static Export export(String exported, String local) {
        return new Export(exported, Path.of(local), "", true, List.of(new AccessProtocol("local", 0, Map.of())));
    }

    private final Exports exports = new Exports(
            List.of(export("/data", "/srv/data"), export("/data/deep", "/mnt/deep"), export("/", "/srv/all")));

    private static FedFsStatus refusal(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        return catchThrowableOfType(ServiceException.class, call).status();
    }

    @Test
    void theInnermostExportHoldsAPath() {
        assertThat(exports.locate("/data/a/b").localPath()).isEqualTo("/srv/data/a/b");
        assertThat(exports.locate("/data/deep/x").localPath()).isEqualTo("/mnt/deep/x");
        assertThat(exports.locate("/data").inside()).isEmpty();
        assertThat(exports.locate("/database").export().exportPath()).isEqualTo("/");
        assertThat(exports.locate("/").localPath()).isEqualTo("/srv/all");
    }

    @Test
    void theServersOwnPathMeansTheSame() {
        Located found = exports.locate("/srv/data/a/");
        assertThat(found.path()).hasToString("/data/a");
        assertThat(found.pathInside()).isEqualTo("a");
    }

    @Test
    void whatNoExportHoldsIsRefused() {
        Exports one = new Exports(List.of(export("/data", "/srv/data")));
        assertThat(refusal(() -> one.locate("/etc"))).isEqualTo(FedFsStatus.INVAL);
        assertThat(refusal(() -> one.locate("/"))).isEqualTo(FedFsStatus.INVAL);
    }

    @Test
    void aPathHasOneForm() {
        assertThat(refusal(() -> ServerPath.parse("a"))).isEqualTo(FedFsStatus.INVAL);
        assertThat(refusal(() -> ServerPath.parse(""))).isEqualTo(FedFsStatus.INVAL);
        assertThat(refusal(() -> ServerPath.parse("/a//b"))).isEqualTo(FedFsStatus.BADNAME);
        assertThat(refusal(() -> ServerPath.parse("//"))).isEqualTo(FedFsStatus.BADNAME);
        assertThat(refusal(() -> ServerPath.parse("/a/.."))).isEqualTo(FedFsStatus.BADNAME);
        assertThat(refusal(() -> ServerPath.parse("/./a"))).isEqualTo(FedFsStatus.BADNAME);
        assertThat(refusal(() -> ServerPath.parse("/a\0"))).isEqualTo(FedFsStatus.BADCHAR);
        assertThat(refusal(() -> ServerPath.parse("/" + "x".repeat(256)))).isEqualTo(FedFsStatus.NAMETOOLONG);
        assertThat(refusal(() -> ServerPath.parse("/x".repeat(3000)))).isEqualTo(FedFsStatus.NAMETOOLONG);
        assertThat(ServerPath.parse("/a/b/")).hasToString("/a/b");
        assertThat(ServerPath.parse("/...")).hasToString("/...");
    }
}
