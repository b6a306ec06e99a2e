#!/usr/bin/env python3
"""A stand-in for DFuse in system mode, for tests. It is not DAOS and stores nothing in one: the containers are directories below TREE.

usage: dfuse-stand-in.py MOUNTPOINT TREE LOG

It speaks the kernel's FUSE protocol and behaves where it matters as dfuse(1) does when it is mounted without pool and container:

  - the root and the pools know lookup, getattr and statfs; opendir and everything that changes something is ENOTSUP, rename EXDEV;
  - names there must be UUIDs, and what is not there is remembered by the kernel as absent; both have mode 0700;
  - inside a container there are files and directories, no hard links, no sticky bit; rename to another container is EXDEV;
  - user.daos of a container's root is answered as "DAOS.POSIX://pool/container", 86 bytes, no NUL;
  - a directory with user.daos inside a container leads to that container's root; ENOLINK when it is gone, ENOTSUP when it is no POSIX one.

Every request is written to LOG as "OPCODE PID PATH", PID being the process that asked, so that a test can see who touches the prefix.
"""
import ctypes
import errno
import os
import re
import signal
import stat
import struct
import sys

UUID = re.compile(rb"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")
UNS = re.compile(rb"DAOS\.([A-Za-z0-9]+)://(%s)/(%s)\0?$" % ((UUID.pattern[:-1],) * 2))
(LOOKUP, FORGET, GETATTR, SETATTR, READLINK, SYMLINK, MKNOD, MKDIR, UNLINK, RMDIR, RENAME, LINK, OPEN, READ, WRITE, STATFS, RELEASE, FSYNC,
 SETXATTR, GETXATTR, LISTXATTR, REMOVEXATTR, FLUSH, INIT, OPENDIR, READDIR, RELEASEDIR, FSYNCDIR, ACCESS, CREATE, INTERRUPT, DESTROY,
 BATCH_FORGET, RENAME2) = (
    1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20,
    21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 34, 35, 36, 38, 42, 45)
NAMES = {v: k for k, v in list(globals().items()) if k.isupper() and isinstance(v, int)}
BIG_WRITES, ATOMIC_O_TRUNC, DO_READDIRPLUS = 1 << 5, 1 << 3, 1 << 13
POSITIVE, NEGATIVE_UUID, NEGATIVE_NAME = 307, 307, 60  # seconds, at the levels above containers


class Failed(Exception):
    def __init__(self, number):
        super().__init__(number)
        self.number = number


class StandIn:
    def __init__(self, mountpoint, tree, log):
        self.mountpoint, self.tree = mountpoint, os.fsencode(tree)
        self.log = open(log, "ab", buffering=0)
        self.paths, self.ids, self.next = {1: b""}, {b"": 1}, 2
        self.device = os.open("/dev/fuse", os.O_RDWR)

    # ---- nodes: a path below the tree, as the tree has it; components[0] is the pool, [1] the container

    def node(self, path):
        if path not in self.ids:
            self.ids[path], self.paths[self.next] = self.next, path
            self.next += 1
        return self.ids[path]

    def moved(self, old, new):
        for path in [p for p in self.ids if p == old or p.startswith(old + b"/")]:
            number = self.ids.pop(path)
            there = new + path[len(old):]
            self.paths[number] = there
            self.ids[there] = number

    def real(self, path):
        return self.tree + b"/" + path if path else self.tree

    @staticmethod
    def level(path):
        return min(2, path.count(b"/") + 1) if path else 0

    def inside(self, path):
        if self.level(path) < 2:
            raise Failed(errno.EOPNOTSUPP)
        return self.real(path)

    def child(self, parent, name):
        """What a name in a directory leads to; not followed when it is a symbolic link."""
        path = parent + b"/" + name if parent else name
        if self.level(parent) < 2:
            if not UUID.match(name):
                raise Failed(errno.ENOENT)
            return path.lower() if parent else name.lower()
        real = self.real(path)
        if stat.S_ISDIR(os.lstat(real).st_mode):
            try:
                value = os.getxattr(real, b"user.daos", follow_symlinks=False)
            except OSError:
                return path
            m = UNS.match(value)
            if not m:
                raise Failed(errno.EINVAL)
            if m.group(1).upper() != b"POSIX":
                raise Failed(errno.EOPNOTSUPP)
            target = (m.group(2) + b"/" + m.group(4)).lower()
            if not os.path.isdir(self.real(target)):
                raise Failed(errno.ENOLINK)
            return target
        return path

    def attributes(self, path):
        s = os.lstat(self.real(path))
        mode = stat.S_IFDIR | 0o700 if self.level(path) < 2 and path.count(b"/") < 1 else s.st_mode
        t = [s.st_atime_ns, s.st_mtime_ns, s.st_ctime_ns]
        return struct.pack("<QQQQQQIIIIIIIIII", self.node(path), s.st_size, (s.st_size + 511) // 512, *(x // 10**9 for x in t),
                           *(x % 10**9 for x in t), mode, s.st_nlink, s.st_uid, s.st_gid, 0, 4096, 0)

    def entry(self, path):
        valid = POSITIVE if path.count(b"/") < 2 else 1
        return struct.pack("<QQQQII", self.node(path), 0, valid, valid, 0, 0) + self.attributes(path)

    # ---- operations: (nodeid, body, header) to the answer's body

    def lookup(self, parent, body, _):
        name = body.split(b"\0")[0]
        try:
            path = self.child(parent, name)
            os.lstat(self.real(path))
            return self.entry(path)
        except (Failed, FileNotFoundError) as e:
            absent = not isinstance(e, Failed) or e.number == errno.ENOENT
            if absent and self.level(parent) < 2:
                valid = NEGATIVE_UUID if UUID.match(name) else NEGATIVE_NAME
                return struct.pack("<QQQQII", 0, 0, valid, 0, 0, 0) + bytes(88)
            raise

    def getattr(self, path, *_):
        return struct.pack("<QII", POSITIVE if path.count(b"/") < 2 else 1, 0, 0) + self.attributes(path)

    def setattr(self, path, body, _):
        real = self.inside(path)
        valid, _, _, size, _, atime, mtime, _, an, mn, _, mode, _, uid, gid, _ = struct.unpack_from("<IIQQQQQQIIIIIIII", body)
        if valid & 1:
            if mode & stat.S_ISVTX:
                raise Failed(errno.EOPNOTSUPP)
            os.chmod(real, stat.S_IMODE(mode))
        if valid & 6:
            os.chown(real, uid if valid & 2 else -1, gid if valid & 4 else -1, follow_symlinks=False)
        if valid & 8:
            os.truncate(real, size)
        if valid & (16 | 32):
            now = os.lstat(real)
            a = now.st_atime_ns if not valid & 16 else atime * 10**9 + an
            m = now.st_mtime_ns if not valid & 32 else mtime * 10**9 + mn
            os.utime(real, ns=(a, m), follow_symlinks=False)
        return self.getattr(path)

    def made(self, path, header):
        os.chown(self.real(path), header[0], header[1], follow_symlinks=False)
        return self.entry(path)

    def new(self, parent, name):
        self.inside(parent)
        return parent + b"/" + name

    def mkdir(self, parent, body, header):
        mode, umask = struct.unpack_from("<II", body)
        path = self.new(parent, body[8:].split(b"\0")[0])
        os.mkdir(self.real(path), mode & 0o777)
        os.chmod(self.real(path), mode & 0o777 & ~umask)
        return self.made(path, header)

    def symlink(self, parent, body, header):
        name, target = body.split(b"\0")[:2]
        path = self.new(parent, name)
        os.symlink(target, self.real(path))
        return self.made(path, header)

    def readlink(self, path, *_):
        return os.readlink(self.inside(path))

    def create(self, parent, body, header):
        flags, mode, umask, _ = struct.unpack_from("<IIII", body)
        path = self.new(parent, body[16:].split(b"\0")[0])
        fd = os.open(self.real(path), flags & (os.O_ACCMODE | os.O_EXCL | os.O_TRUNC) | os.O_CREAT, mode & 0o777 & ~umask)
        return self.made(path, header) + struct.pack("<QII", fd, 0, 0)

    def unlink(self, parent, body, _):
        os.unlink(self.real(self.new(parent, body.split(b"\0")[0])))
        return b""

    def rmdir(self, parent, body, _):
        os.rmdir(self.real(self.new(parent, body.split(b"\0")[0])))
        return b""

    def rename(self, parent, body, header, skip=8):
        to = self.paths[struct.unpack_from("<Q", body)[0]]
        old, new = body[skip:].split(b"\0")[:2]
        if self.level(parent) < 2 or parent.split(b"/")[:2] != to.split(b"/")[:2]:
            raise Failed(errno.EXDEV)
        old, new = self.new(parent, old), self.new(to, new)
        os.rename(self.real(old), self.real(new))
        self.ids.pop(new, None)
        self.moved(old, new)
        return b""

    def rename2(self, parent, body, header):
        flags = struct.unpack_from("<QI", body)[1]
        if flags not in (0, 1):
            raise Failed(errno.EOPNOTSUPP)
        if flags and os.path.lexists(self.real(self.paths[struct.unpack_from("<Q", body)[0]] + b"/" + body[16:].split(b"\0")[1])):
            raise Failed(errno.EEXIST)
        return self.rename(parent, body, header, 16)

    def open(self, path, body, _):
        flags = struct.unpack_from("<I", body)[0]
        return struct.pack("<QII", os.open(self.inside(path), flags & (os.O_ACCMODE | os.O_APPEND | os.O_TRUNC)), 0, 0)

    def read(self, path, body, _):
        fh, offset, size = struct.unpack_from("<QQI", body)
        return os.pread(fh, size, offset)

    def write(self, path, body, _):
        fh, offset, size = struct.unpack_from("<QQI", body)
        return struct.pack("<II", os.pwrite(fh, body[40:40 + size], offset), 0)

    def release(self, path, body, _):
        os.close(struct.unpack_from("<Q", body)[0])
        return b""

    def opendir(self, path, *_):
        self.inside(path)
        return struct.pack("<QII", 0, 0, 0)

    def readdir(self, path, body, _):
        _, offset, size = struct.unpack_from("<QQI", body)
        out = b""
        for i, name in enumerate(sorted(os.listdir(self.inside(path)))[offset:], offset + 1):
            kind = os.lstat(self.real(path) + b"/" + name).st_mode >> 12
            one = struct.pack("<QQII", 1, i, len(name), kind) + name
            one += bytes(-len(one) % 8)
            if len(out) + len(one) > size:
                break
            out += one
        return out

    def statfs(self, path, *_):
        every = (1 << 64) - 1
        if self.level(path) < 2 and path.count(b"/") < 1:
            return struct.pack("<QQQQQIIII24x", every, every, every, every, every, 1, 255, 1, 0)
        return struct.pack("<QQQQQIIII24x", 1 << 20, 1 << 19, 1 << 19, 1 << 20, 1 << 19, 4096, 255, 4096, 0)

    def sized(self, value, size):
        if size == 0:
            return struct.pack("<II", len(value), 0)
        if len(value) > size:
            raise Failed(errno.ERANGE)
        return value

    def getxattr(self, path, body, _):
        real, size, name = self.inside(path), struct.unpack_from("<I", body)[0], body[8:].split(b"\0")[0]
        if name.startswith((b"security.", b"system.posix_acl", b"trusted.")):
            raise Failed(errno.ENODATA)
        if name == b"user.daos" and path.count(b"/") == 1:
            return self.sized(b"DAOS.POSIX://" + path, size)
        return self.sized(os.getxattr(real, name, follow_symlinks=False), size)

    def setxattr(self, path, body, _):
        real, (size, flags) = self.inside(path), struct.unpack_from("<II", body)
        name, value = body[8:].split(b"\0", 1)
        if name.startswith((b"security.", b"system.posix_acl")):
            raise Failed(errno.EOPNOTSUPP)
        if name == b"user.daos" and (path.count(b"/") == 1 or not UNS.match(value[:size])):
            raise Failed(errno.EINVAL)
        os.setxattr(real, name, value[:size], flags, follow_symlinks=False)
        return b""

    def listxattr(self, path, body, _):
        names = b"".join(os.fsencode(n) + b"\0" for n in os.listxattr(self.inside(path), follow_symlinks=False))
        return self.sized(names, struct.unpack_from("<I", body)[0])

    def removexattr(self, path, body, _):
        os.removexattr(self.inside(path), body.split(b"\0")[0], follow_symlinks=False)
        return b""

    def nothing(self, *_):
        return b""

    OPERATIONS = {LOOKUP: lookup, GETATTR: getattr, SETATTR: setattr, READLINK: readlink, SYMLINK: symlink, MKDIR: mkdir, UNLINK: unlink,
                  RMDIR: rmdir, RENAME: rename, RENAME2: rename2, OPEN: open, READ: read, WRITE: write, STATFS: statfs, RELEASE: release,
                  FSYNC: nothing, FLUSH: nothing, FSYNCDIR: nothing, RELEASEDIR: nothing, OPENDIR: opendir, READDIR: readdir,
                  CREATE: create, SETXATTR: setxattr, GETXATTR: getxattr, LISTXATTR: listxattr, REMOVEXATTR: removexattr}

    # ---- the device

    def mount(self):
        libc = ctypes.CDLL(None, use_errno=True)
        data = "fd=%d,rootmode=40000,user_id=0,group_id=0,default_permissions,allow_other" % self.device
        if libc.mount(b"dfuse-stand-in", os.fsencode(self.mountpoint), b"fuse.daosstandin", 2 | 4, data.encode()) != 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), self.mountpoint)

    @staticmethod
    def process(task):
        """The process of a task: the header names the thread."""
        try:
            with open("/proc/%d/status" % task) as status:
                return int(re.search(r"^Tgid:\s+(\d+)", status.read(), re.M).group(1))
        except OSError:
            return task

    def serve(self):
        while True:
            try:
                message = os.read(self.device, (1 << 20) + 4096)
            except OSError as e:
                if e.errno in (errno.ENOENT, errno.EINTR):
                    continue
                if e.errno == errno.ENODEV:
                    return
                raise
            _, opcode, unique, nodeid, uid, gid, pid, _ = struct.unpack_from("<IIQQIIII", message)
            body = message[40:]
            if opcode in (FORGET, BATCH_FORGET, INTERRUPT):
                continue
            if opcode == INIT:
                major, minor, readahead, flags = struct.unpack_from("<IIII", body)
                answer = struct.pack("<IIIIHHIIHHI28x", 7, 31, readahead, flags & (BIG_WRITES | ATOMIC_O_TRUNC), 16, 12, 1 << 17, 1, 0, 0, 0)
                self.reply(unique, 0, answer)
                continue
            path = self.paths.get(nodeid, b"?")
            name = body.split(b"\0")[0] if opcode == LOOKUP else b""
            self.log.write(b"%s %d %s/%s\n" % (NAMES.get(opcode, "?%d" % opcode).encode(), self.process(pid), path, name))
            operation = self.OPERATIONS.get(opcode)
            try:
                if operation is None:
                    raise Failed(errno.EOPNOTSUPP if opcode in (LINK, MKNOD) else errno.ENOSYS)
                self.reply(unique, 0, operation(self, path, body, (uid, gid)))
            except Failed as e:
                self.reply(unique, e.number, b"")
            except OSError as e:
                self.reply(unique, e.errno, b"")

    def reply(self, unique, error, body):
        try:
            os.write(self.device, struct.pack("<IiQ", 16 + len(body), -error, unique) + body)
        except OSError as e:
            if e.errno != errno.ENOENT:  # interrupted meanwhile
                raise


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    stand_in = StandIn(*sys.argv[1:])
    stand_in.mount()
    signal.signal(signal.SIGTERM, lambda *_: ctypes.CDLL(None).umount2(os.fsencode(stand_in.mountpoint), 2))
    print("ready", flush=True)
    stand_in.serve()


main()
