package io.fedfs.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.fedfs.posix.Ground;
import io.fedfs.posix.Seen;
import io.fedfs.protocol.Fsn;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A DFuse that the mount starts itself, by the site's command; the stand-in plays it. */
final class DaosStartIT {
    private static final String POOL = "8a8a8a8a-0001-4001-8001-00000000abcd";
    private static final String FIRST = POOL + "/12345678-90ab-4cde-8f01-234567890abc";
    private static final String SECOND = POOL + "/22345678-90ab-4cde-8f01-234567890abc";
    private static final Duration SOON = Duration.ofSeconds(30);

    @RegisterExtension
    final Federation federation = new Federation();

    private Path site;

    private List<Path> attached() {
        return Processes.mountsBelow(federation.top().resolve("run"));
    }

    private Fsn container(Nsdb nsdb, String pair) {
        Fsn fsn = nsdb.createFsn(300);
        federation
                .fedfs("fsl", "add", fsn.toString(), "--type", "daos", "--host", "daos", "--path", "/" + pair)
                .ok();
        return fsn;
    }

    /** What a site writes: starts DFuse and ends when it serves, as dfuse(1) does by itself. */
    private Path config() throws Exception {
        site = federation.directory("site");
        Path script = Path.of("src/test/standin/dfuse-stand-in.py").toAbsolutePath();
        Path start = site.resolve("start");
        Files.writeString(
                start,
                "#!/bin/sh\npython3 " + script + " \"$1\" " + site + "/tree " + site + "/log > " + site
                        + "/said 2>&1 < /dev/null &\necho $! > " + site + "/pid\n"
                        + "for i in $(seq 300); do grep -q ready " + site
                        + "/said && exit 0; sleep 0.1; done\nexit 1\n");
        Files.setPosixFilePermissions(start, PosixFilePermissions.fromString("rwxr-xr-x"));
        return Files.writeString(
                site.resolve("attach.yaml"),
                "idle: 2\nprobe: {interval: 1, bound: 2}\nfail_back: 2\n" + "types:\n  daos: {mount: [" + start
                        + ", '{target}']}\n");
    }

    @Test
    void dfuseIsStartedForTheFirstContainerSharedAndLetGoOf() throws Exception {
        Nsdb nsdb = federation.nsdb();
        Fileset root = federation.fileset(nsdb);
        federation.junction(root, "first", container(nsdb, FIRST));
        federation.junction(root, "second", container(nsdb, SECOND));
        Path config = config();
        for (String pair : List.of(FIRST, SECOND)) {
            Files.writeString(
                    Files.createDirectories(site.resolve("tree").resolve(pair)).resolve("f"), pair);
        }
        Mount mount = federation.mount(root).option("attach=" + config).start();
        Ground seen = mount.seen();
        assertThat(seen.names(".")).isEqualTo("first,second");
        assertThat(attached()).as("nobody has gone in").isEmpty();
        assertThat(Seen.all(seen.content("first/f"), seen.content("second/f"))).isEqualTo(FIRST + " " + SECOND);
        assertThat(attached()).as("one DFuse for all").hasSize(1);

        ProcessHandle dfuse = ProcessHandle.of(
                        Long.parseLong(Files.readString(site.resolve("pid")).strip()))
                .orElseThrow();
        dfuse.destroyForcibly();
        Await.until(SOON, SECOND, () -> seen.content("second/f"));
        seen.close();
        mount.release();
        Await.until(SOON, 0, () -> attached().size());
    }
}
