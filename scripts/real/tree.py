#!/usr/bin/python3
"""Makes a tree with one of everything that a copy has to keep.

usage: tree.py [--entries N] DIRECTORY (an empty one)

As root also: special files, other owners, attributes of trusted.* and security.*. N small files besides (default 2000).
"""
import argparse
import os
import random
import struct
import subprocess

r = random.Random(1807)


def write(path, content=b"", mode=0o644):
    with open(path, "wb") as f:
        f.write(content)
    os.chmod(path, mode)


def sparse(path, parts, size):
    with open(path, "wb") as f:
        for offset, length in parts:
            f.seek(offset)
            f.write(r.randbytes(length))
        f.truncate(size)


def capability():
    """struct vfs_cap_data, revision 2: cap_net_bind_service, permitted and effective (linux/capability.h)."""
    return struct.pack("<5I", 0x02000001, 1 << 10, 0, 0, 0)


def small_files(entries):
    for i in range(entries):
        directory = "many/%02d/%d" % (i % 37, i % 5)
        os.makedirs(directory, exist_ok=True)
        write("%s/f%05d" % (directory, i), r.randbytes(r.randrange(4000)), r.choice([0o600, 0o644, 0o755, 0o400, 0o666]))


def data():
    os.mkdir("data")
    write("data/empty")
    write("data/one", b"x")
    write("data/page", r.randbytes(4096))
    write("data/megabytes", r.randbytes(5_000_001))
    sparse("data/holes", [(0, 4096), (1 << 20, 8192), (10 << 20, 4096)], 12 << 20)
    sparse("data/only-a-hole", [], 1 << 22)
    sparse("data/beyond-4g", [((4 << 30) + 8192, 4096)], (4 << 30) + 20_001)


def names():
    os.mkdir("names")
    for name in [b"\xff\xfe\x80", b"-rf", b" blank ", b"new\nline", b"quote'\"", b"back\\slash", b"*", b"\xc3\xa4", b"a\xcc\x88",
                 b"n" * 255, bytes(range(200, 256))]:
        write(b"names/" + name, name)
    deep = "names/deep"
    for _ in range(60):
        deep += "/" + "d" * 40
    os.makedirs(deep)
    write(deep + "/bottom", b"bottom")


def links():
    os.mkdir("links")
    write("links/first", b"three names")
    os.link("links/first", "links/second")
    os.mkdir("links/elsewhere")
    os.link("links/first", "links/elsewhere/third")
    os.symlink("first", "links/to-first")
    os.symlink("/no/where", "links/dangling")
    os.symlink("loop", "links/loop")
    os.symlink("t" * 4000, "links/long")
    os.symlink(b"\xff\xfe", b"links/bytes")
    os.symlink("../data", "links/directory")
    os.link("links/dangling", "links/dangling-again", follow_symlinks=False)
    os.mkfifo("links/fifo", 0o640)


def modes():
    os.mkdir("modes")
    # An ordinary user can copy only what it can read.
    for mode in [0o000, 0o111] if os.geteuid() == 0 else []:
        write("modes/f%04o" % mode, b"mode", mode)
    for mode in [0o400, 0o777, 0o1644, 0o2755, 0o4755, 0o6711, 0o7777]:
        write("modes/f%04o" % mode, b"mode")
        os.chmod("modes/f%04o" % mode, mode)
        os.mkdir("modes/d%04o" % mode)
        os.chmod("modes/d%04o" % mode, mode | 0o700)


def times():
    os.mkdir("times")
    for name, at in [("old", -86_400_123_456_789), ("epoch", 0), ("odd", 1_234_567_890_123_456_789),
                     ("far", 4_500_000_000_999_999_999)]:
        write("times/" + name, b"time")
        os.utime("times/" + name, ns=(at + 1, at))
        os.mkdir("times/d-" + name)
        os.utime("times/d-" + name, ns=(at + 1, at))
        os.symlink(name, "times/l-" + name)
        os.utime("times/l-" + name, ns=(at + 1, at), follow_symlinks=False)


def attributes():
    os.mkdir("attributes")
    for i in range(20):
        write("attributes/f%d" % i, b"a")
        for n in range(i % 6):
            os.setxattr("attributes/f%d" % i, "user.name-%d" % n, r.randbytes(n * 37))
    write("attributes/long", b"a")
    os.setxattr("attributes/long", "user." + "n" * 200, r.randbytes(2000))
    os.setxattr("attributes", "user.on a directory", b"\x00\xff")


def acls(other):
    """For ids of our own too: what an ordinary user may give away."""
    os.mkdir("acls")
    for i, acl in enumerate(["u:%d:rwx" % other, "g:%d:r" % other, "u:%d:-,g:%d:rw,m::r" % (other, other), "u:%d:x" % other]):
        write("acls/f%d" % i, b"acl")
        subprocess.run(["setfacl", "-m", acl, "acls/f%d" % i], check=True)
        os.mkdir("acls/d%d" % i)
        subprocess.run(["setfacl", "-m", acl, "acls/d%d" % i], check=True)
        subprocess.run(["setfacl", "-d", "-m", acl, "acls/d%d" % i], check=True)
        write("acls/d%d/inherits" % i, b"acl")
        os.mkdir("acls/d%d/inherits-too" % i)


def only_root():
    os.mkdir("special")
    os.mknod("special/null", 0o20666, os.makedev(1, 3))
    os.mknod("special/block", 0o60640, os.makedev(7, 200))
    os.mkdir("owners")
    for i, (uid, gid) in enumerate([(1, 1), (65534, 65534), (4_000_000_000, 3_000_000_000), (1801, 1802)]):
        write("owners/f%d" % i, b"owner")
        os.chown("owners/f%d" % i, uid, gid)
        os.chmod("owners/f%d" % i, 0o6755)
        os.mkdir("owners/d%d" % i)
        os.chown("owners/d%d" % i, uid, gid)
        os.symlink("f%d" % i, "owners/l%d" % i)
        os.lchown("owners/l%d" % i, uid, gid)
    write("attributes/trusted", b"t")
    os.setxattr("attributes/trusted", "trusted.name", b"value")
    write("attributes/capable", b"c", 0o755)
    os.setxattr("attributes/capable", "security.capability", capability())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--entries", type=int, default=2000)
    parser.add_argument("directory")
    a = parser.parse_args()
    os.chdir(a.directory)
    os.umask(0o022)
    for make in [data, names, links, modes, attributes]:
        make()
    acls(1802)
    small_files(a.entries)
    if os.geteuid() == 0:
        only_root()
    times()


main()
