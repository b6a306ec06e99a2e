#!/usr/bin/python3
"""Prints a directory tree as lines that can be compared: one line an entry, with all that a copy has to keep.

usage: manifest.py [--without FIELD,...] DIRECTORY

Fields: mode owner size mtime atime ctime links xattrs content extents device (device numbers of special files).
Names and values are printed escaped, entries in the order of their names' bytes. "links" is the link count and, for all
names but the first of a file, that first name. "extents" are the ranges that SEEK_DATA and SEEK_HOLE show. Times of access are
told of regular files only, and before any content is read: to list a directory moves its own.

It never follows a symbolic link. Exit code 1 when something could not be read; the line then names the errno.
"""
import errno
import hashlib
import os
import stat
import sys

ALL = ["mode", "owner", "size", "mtime", "atime", "ctime", "links", "xattrs", "content", "extents", "device"]
BLOCK = 1 << 20
ZEROS = bytes(BLOCK)
failed = False


def text(name):
    return name.decode("ascii", "backslashreplace").replace("\n", "\\n")


def problem(what, error):
    global failed
    failed = True
    return "%s:%s" % (what, errno.errorcode.get(error.errno, error.errno))


def xattrs(path):
    found = []
    for name in sorted(os.listxattr(path, follow_symlinks=False)):
        value = os.getxattr(path, name, follow_symlinks=False)
        found.append("%s=%s" % (name, value.hex()))
    return ",".join(found)


def open_quietly(path):
    """Without moving the time of access, where the caller may ask for that."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
    try:
        return os.open(path, flags | os.O_NOATIME)
    except PermissionError:
        return os.open(path, flags)


def content_and_extents(path, size, wanted):
    fd = open_quietly(path)
    try:
        extents = []
        if "extents" in wanted:
            at = 0
            while at < size:
                try:
                    begin = os.lseek(fd, at, os.SEEK_DATA)
                except OSError as e:
                    if e.errno == errno.ENXIO:
                        break
                    raise
                at = os.lseek(fd, begin, os.SEEK_HOLE)
                extents.append("%d-%d" % (begin, at))
        digest = hashlib.sha1()
        if "content" in wanted:
            at = os.lseek(fd, 0, os.SEEK_SET)
            while True:
                block = os.read(fd, BLOCK)
                if not block:
                    break
                # A hole of gigabytes has to be read, not to be digested.
                if block != ZEROS[:len(block)]:
                    digest.update(b"%d " % at)
                    digest.update(block)
                at += len(block)
        return digest.hexdigest(), ",".join(extents)
    finally:
        os.close(fd)


def describe(path, name, wanted, first_names):
    try:
        s = os.lstat(path)
    except OSError as e:
        return "%s %s" % (text(name), problem("stat", e)), None
    fields = [text(name), stat.filemode(s.st_mode)[0]]
    regular = stat.S_ISREG(s.st_mode)
    if "mode" in wanted:
        fields.append("mode=%04o" % stat.S_IMODE(s.st_mode))
    if "owner" in wanted:
        fields.append("owner=%d:%d" % (s.st_uid, s.st_gid))
    if "size" in wanted and not stat.S_ISDIR(s.st_mode):
        fields.append("size=%d" % s.st_size)
    if "mtime" in wanted:
        fields.append("mtime=%d" % s.st_mtime_ns)
    if "atime" in wanted and regular:
        fields.append("atime=%d" % s.st_atime_ns)
    if "ctime" in wanted:
        fields.append("ctime=%d" % s.st_ctime_ns)
    if "links" in wanted and not stat.S_ISDIR(s.st_mode):
        fields.append("links=%d" % s.st_nlink)
        if s.st_nlink > 1:
            fields.append("first=%s" % text(first_names.setdefault((s.st_dev, s.st_ino), name)))
    if "device" in wanted and (stat.S_ISCHR(s.st_mode) or stat.S_ISBLK(s.st_mode)):
        fields.append("device=%d:%d" % (os.major(s.st_rdev), os.minor(s.st_rdev)))
    if stat.S_ISLNK(s.st_mode):
        fields.append("target=%s" % text(os.readlink(path)))
    if "xattrs" in wanted:
        try:
            fields.append("xattrs=%s" % xattrs(path))
        except OSError as e:
            fields.append(problem("xattrs", e))
    if regular and ("content" in wanted or "extents" in wanted):
        try:
            content, extents = content_and_extents(path, s.st_size, wanted)
            if "content" in wanted:
                fields.append("content=%s" % content)
            if "extents" in wanted:
                fields.append("extents=%s" % extents)
        except OSError as e:
            fields.append(problem("read", e))
    return " ".join(fields), s


def walk(path, name, wanted, first_names, out):
    """By names, not by recursion of the interpreter: a tree may be deeper than that."""
    waiting = [(path, name)]
    while waiting:
        path, name = waiting.pop()
        line, s = describe(path, name, wanted, first_names)
        out.write(line + "\n")
        if s is None or not stat.S_ISDIR(s.st_mode):
            continue
        try:
            names = sorted(os.listdir(path), reverse=True)
        except OSError as e:
            out.write("%s %s\n" % (text(name), problem("list", e)))
            continue
        waiting.extend((path + b"/" + n, (name + b"/" + n) if name != b"." else n) for n in names)


def main(arguments):
    wanted = list(ALL)
    if arguments[:1] == ["--without"]:
        for field in arguments[1].split(","):
            wanted.remove(field)
        arguments = arguments[2:]
    if len(arguments) != 1:
        sys.stderr.write(__doc__)
        return 2
    walk(os.fsencode(arguments[0]), b".", wanted, {}, sys.stdout)
    return 1 if failed else 0


sys.exit(main(sys.argv[1:]))
