#!/usr/bin/python3
"""Prints a history for git fast-import: COMMITS commits of FILES changed files each, the same for the same arguments.

usage: history.py COMMITS FILES

Every commit changes other files of a tree of 20 x 10 directories, so that it makes FILES blobs and up to as many trees.
"""
import random
import sys


def main(commits, files):
    r = random.Random(7532)
    out = sys.stdout.buffer
    for commit in range(commits):
        out.write(b"commit refs/heads/main\nmark :%d\n" % (commit + 1))
        out.write(b"committer Some One <one@example.org> %d +0000\n" % (1_700_000_000 + 60 * commit))
        message = b"commit %d\n" % commit
        out.write(b"data %d\n%s" % (len(message), message))
        if commit:
            out.write(b"from :%d\n" % commit)
        for _ in range(files):
            name = b"d%02d/e%d/f%d" % (r.randrange(20), r.randrange(10), r.randrange(8))
            mode = b"100755" if r.randrange(10) == 0 else b"100644"
            content = b"%d\n" % r.getrandbits(64) * r.randrange(1, 60)
            out.write(b"M %s inline %s\ndata %d\n%s\n" % (mode, name, len(content), content))
    out.write(b"done\n")


main(int(sys.argv[1]), int(sys.argv[2]))
