package io.fedfs.posix;

import static io.fedfs.linux.Sys.XATTR_CREATE;
import static io.fedfs.linux.Sys.XATTR_REPLACE;
import static io.fedfs.posix.Case.asBelow;
import static io.fedfs.posix.Case.both;
import static io.fedfs.posix.Case.root;
import static io.fedfs.posix.Case.user;
import static io.fedfs.posix.Ground.must;

import io.fedfs.linux.NativeBuffer;
import java.util.stream.Stream;

/** xattr(7): setxattr(2), getxattr(2), listxattr(2), removexattr(2). */
final class XattrCases {
    private XattrCases() {}

    static Stream<Case> all() {
        return Stream.of(
                both(
                        "0 v",
                        "xattr: set and get",
                        g -> g.makeFile("f"),
                        g -> Seen.all(g.setxattr("f", "user.a", "v", 0), g.getxattr("f", "user.a"))),
                both(
                        "0 v",
                        "xattr: on a directory",
                        g -> g.makeDir("d"),
                        g -> Seen.all(g.setxattr("d", "user.a", "v", 0), g.getxattr("d", "user.a"))),
                both(
                        "\0\u00ff\0",
                        "xattr: any bytes",
                        g -> must(g.makeFile("f").setxattr("f", "user.a", "\0\u00ff\0", 0)),
                        g -> g.getxattr("f", "user.a")),
                both(
                        "0 0",
                        "xattr: an empty value",
                        g -> g.makeFile("f"),
                        g -> Seen.all(
                                g.setxattr("f", "user.a", "", 0),
                                g.getxattr("f", "user.a").length())),
                both(
                        "true",
                        "xattr: a value of 2,000 bytes",
                        g -> must(g.makeFile("f").setxattr("f", "user.a", "v".repeat(2000), 0)),
                        g -> g.getxattr("f", "user.a").equals("v".repeat(2000))),
                both("new", "xattr: set again", g -> must(g.makeFile("f").setxattr("f", "user.a", "older", 0)), g -> {
                    must(g.setxattr("f", "user.a", "new", 0));
                    return g.getxattr("f", "user.a");
                }),
                both(
                        "EEXIST",
                        "xattr: XATTR_CREATE on one that is there",
                        g -> must(g.makeFile("f").setxattr("f", "user.a", "v", 0)),
                        g -> g.setxattr("f", "user.a", "w", XATTR_CREATE)),
                both(
                        "ENODATA",
                        "xattr: XATTR_REPLACE on one that is not",
                        g -> g.makeFile("f"),
                        g -> g.setxattr("f", "user.a", "w", XATTR_REPLACE)),
                both(
                        "0 w",
                        "xattr: XATTR_REPLACE on one that is there",
                        g -> must(g.makeFile("f").setxattr("f", "user.a", "v", 0)),
                        g -> Seen.all(g.setxattr("f", "user.a", "w", XATTR_REPLACE), g.getxattr("f", "user.a"))),
                both(
                        "ENODATA",
                        "xattr: get one that is not there",
                        g -> g.makeFile("f"),
                        g -> g.getxattr("f", "user.a")),
                both(
                        "ENODATA",
                        "xattr: remove one that is not there",
                        g -> g.makeFile("f"),
                        g -> g.removexattr("f", "user.a")),
                both(
                        "0 ENODATA",
                        "xattr: remove",
                        g -> must(g.makeFile("f").setxattr("f", "user.a", "v", 0)),
                        g -> Seen.all(g.removexattr("f", "user.a"), g.getxattr("f", "user.a"))),
                both(
                        "user.a,user.b",
                        "xattr: list",
                        g -> {
                            must(g.makeFile("f").setxattr("f", "user.b", "v", 0));
                            must(g.setxattr("f", "user.a", "v", 0));
                        },
                        g -> g.listxattr("f")),
                both(
                        "user.b",
                        "xattr: list after a removal",
                        g -> {
                            must(g.makeFile("f").setxattr("f", "user.b", "v", 0));
                            must(g.setxattr("f", "user.a", "v", 0));
                            must(g.listxattr("f").length());
                            must(g.removexattr("f", "user.a"));
                        },
                        g -> g.listxattr("f")),
                both("", "xattr: list none", g -> g.makeFile("f"), g -> g.listxattr("f")),
                both(
                        "3",
                        "xattr: the length alone",
                        g -> must(g.makeFile("f").setxattr("f", "user.a", "abc", 0)),
                        g -> g.getxattr("f", "user.a", new NativeBuffer(1), 0)),
                both(
                        "ERANGE",
                        "xattr: a buffer too small for the value",
                        g -> must(g.makeFile("f").setxattr("f", "user.a", "abc", 0)),
                        g -> g.getxattr("f", "user.a", new NativeBuffer(2), 2)),
                both(
                        "3",
                        "xattr: a buffer just large enough",
                        g -> must(g.makeFile("f").setxattr("f", "user.a", "abc", 0)),
                        g -> g.getxattr("f", "user.a", new NativeBuffer(3), 3)),
                both(
                        "ERANGE",
                        "xattr: a buffer too small for the list",
                        g -> must(g.makeFile("f").setxattr("f", "user.abc", "v", 0)),
                        g -> g.listxattr("f", new NativeBuffer(3), 3)),
                both(
                        "EOPNOTSUPP",
                        "xattr: a name space nobody has",
                        g -> g.makeFile("f"),
                        g -> g.setxattr("f", "nobody.a", "v", 0)),
                both("ERANGE", "xattr: an empty name", g -> g.makeFile("f"), g -> g.setxattr("f", "", "v", 0)),
                both(
                        "ERANGE",
                        "xattr: a name of 256 bytes",
                        g -> g.makeFile("f"),
                        g -> g.setxattr("f", "user." + "n".repeat(251), "v", 0)),
                both(
                        "0 v",
                        "xattr: a name of 255 bytes",
                        g -> g.makeFile("f"),
                        g -> Seen.all(
                                g.setxattr("f", "user." + "n".repeat(250), "v", 0),
                                g.getxattr("f", "user." + "n".repeat(250)))),
                both(
                        "E2BIG",
                        "xattr: a value of more than 64 KiB",
                        g -> g.makeFile("f"),
                        g -> g.setxattr("f", "user.a", "v".repeat(65_537), 0)),
                asBelow(
                        "xattr: a value of 64 KiB",
                        g -> g.makeFile("f"),
                        g -> Seen.all(
                                g.setxattr("f", "user.a", "v".repeat(65_536), 0),
                                g.getxattr("f", "user.a").length())),
                both(
                        "EPERM",
                        "xattr: a user's attribute on a symlink",
                        g -> g.makeSymlink("x", "l"),
                        g -> g.lsetxattr("l", "user.a", "v")),
                both(
                        "EPERM",
                        "xattr: a user's attribute on a fifo",
                        g -> g.makeFifo("p"),
                        g -> g.setxattr("p", "user.a", "v", 0)),
                both("ENOENT", "xattr: of an absent file", Case::nothing, g -> g.setxattr("no", "user.a", "v", 0)),
                user(
                        "EACCES",
                        "xattr: set on another's file",
                        g -> g.asRoot().makeFile("f"),
                        g -> g.setxattr("f", "user.a", "v", 0)),
                user(
                        "EACCES",
                        "xattr: get from a file one may not read",
                        g -> {
                            must(g.asRoot().makeFile("f").setxattr("f", "user.a", "v", 0));
                            must(g.asRoot().chmod("f", 0600));
                        },
                        g -> g.getxattr("f", "user.a")),
                user(
                        "v",
                        "xattr: get from a file one may read",
                        g -> must(g.asRoot().makeFile("f").setxattr("f", "user.a", "v", 0)),
                        g -> g.getxattr("f", "user.a")),
                root(
                        "0 v",
                        "xattr: a trusted attribute, by root",
                        g -> g.makeFile("f"),
                        g -> Seen.all(g.setxattr("f", "trusted.a", "v", 0), g.getxattr("f", "trusted.a"))),
                asBelow(
                        "xattr: a security attribute, by root",
                        g -> g.makeFile("f"),
                        g -> Seen.all(g.setxattr("f", "security.fedfs", "v", 0), g.getxattr("f", "security.fedfs"))),
                both(
                        "v",
                        "xattr: stays with a renamed file",
                        g -> must(g.makeFile("f").setxattr("f", "user.a", "v", 0)),
                        g -> {
                            must(g.rename("f", "g"));
                            return g.getxattr("g", "user.a");
                        }),
                both(
                        "v",
                        "xattr: shows by every name of a file",
                        g -> must(g.makeFile("f").link("f", "g")),
                        g -> {
                            must(g.setxattr("f", "user.a", "v", 0));
                            return g.getxattr("g", "user.a");
                        }));
    }
}
