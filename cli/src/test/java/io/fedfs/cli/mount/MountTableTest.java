package io.fedfs.cli.mount;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class MountTableTest {
    private static MountTable table(String... lines) {
        return MountTable.parse((String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void fieldsAreFoundAroundAnyNumberOfOptionalOnes() {
        MountTable table = table(
                "22 1 254:0 / / rw,relatime - ext4 /dev/vda rw",
                "36 22 0:45 / /mnt/fed rw,nosuid shared:1 master:2 propagate_from:3 - fuse.fedfs nsdb://a:1/u rw,user_id=0",
                "nonsense");
        assertThat(table.mounts())
                .containsExactly(
                        new MountTable.Mount("254:0", "/", "/", "ext4", 0),
                        new MountTable.Mount("0:45", "/", "/mnt/fed", "fuse.fedfs", 0));
    }

    @Test
    void theOwnerIsWhoMounted() {
        MountTable table = table(
                "36 22 0:45 / /a rw,nosuid,nodev - fuse.fedfs x rw,user_id=1000,group_id=100,default_permissions",
                "37 22 0:46 / /b rw - tmpfs tmpfs rw,size=4k");
        assertThat(table.mounts()).extracting(MountTable.Mount::owner).containsExactly(1000, 0);
    }

    @Test
    void escapesInNamesAreUndone() {
        MountTable table = table("36 22 0:45 / /mnt/a\\040b\\011c\\134d\\012e rw - fuse.fedfs x rw");
        assertThat(table.mounts().get(0).point()).isEqualTo("/mnt/a b\tc\\d\ne");
    }

    @Test
    void namesAreUtf8() {
        assertThat(table("36 22 0:45 / /mnt/grüße rw - fuse.fedfs x rw")
                        .mounts()
                        .get(0)
                        .point())
                .isEqualTo("/mnt/grüße");
    }

    @Test
    void longestMountPointHoldsAPathAndTheLaterOfEqualOnes() {
        MountTable table = table(
                "1 0 8:1 / / rw - ext4 x rw",
                "2 1 0:45 / /mnt rw - fuse.fedfs x rw",
                "3 2 0:46 / /mnt/in rw - tmpfs x rw",
                "4 1 0:47 / /twice rw - tmpfs x rw",
                "5 4 0:48 / /twice rw - fuse.fedfs x rw");
        assertThat(table.holding("/mnt/x").orElseThrow().device()).isEqualTo("0:45");
        assertThat(table.holding("/mnt/in/x").orElseThrow().device()).isEqualTo("0:46");
        assertThat(table.holding("/mnt/inner").orElseThrow().device()).isEqualTo("0:45");
        assertThat(table.holding("/mntx").orElseThrow().device()).isEqualTo("8:1");
        assertThat(table.holding("/twice").orElseThrow().device()).isEqualTo("0:48");
    }

    @Test
    void bindMountsOfOneFileSystemCountOnce() {
        MountTable table =
                table("2 1 0:45 / /mnt rw - fuse.fedfs x rw", "3 1 0:45 /sub /srv/here rw - fuse.fedfs x rw");
        assertThat(table.fedfs()).hasSize(1);
    }

    @Test
    void bindMountOfAPartSeesPathsOfTheWhole() {
        MountTable.Mount bound = new MountTable.Mount("0:45", "/sub", "/srv/here", "fuse.fedfs", 0);
        assertThat(bound.inside("/srv/here")).isEqualTo("sub");
        assertThat(bound.inside("/srv/here/a")).isEqualTo("sub/a");
        MountPath path = new MountPath("/srv/here/a", bound);
        assertThat(path.seen("sub")).isEqualTo("/srv/here");
        assertThat(path.seen("sub/a")).isEqualTo("/srv/here/a");
    }

    @Test
    void mountAtTheRootHoldsEverything() {
        MountTable.Mount root = new MountTable.Mount("0:45", "/", "/", "fuse.fedfs", 0);
        assertThat(root.inside("/a/b")).isEqualTo("a/b");
        assertThat(root.inside("/")).isEmpty();
        assertThat(new MountPath("/a", root).seen("a/b")).isEqualTo("/a/b");
    }
}
