#!/usr/bin/python3
"""Many processes write one SQLite database in WAL mode while some of them are killed; then it is judged.

usage: database.py --seconds N [--writers N] DIRECTORY [DIRECTORY]

The second directory is another way to the same files: every other writer goes that way. Each transaction adds one to a common counter
and inserts the row (writer, number); after its commit the writer says so through a pipe. At the end: the integrity check
holds, the counter is the number of rows (no update was lost), no row is missing that was said to be committed, none was inserted
twice, and a killed writer had at most one commit that it had not told of yet. Prints a line for each of these, the same on every sound file
system, and figures to standard error.
"""
import argparse
import os
import random
import signal
import sqlite3
import sys
import time

NAME = "writes.db"
PATIENCE = 60.0


def connect(directory):
    connection = sqlite3.connect(os.path.join(directory, NAME), timeout=PATIENCE, isolation_level=None)
    connection.execute("PRAGMA synchronous=NORMAL")
    return connection


def prepare(directory):
    connection = connect(directory)
    mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
    connection.execute("PRAGMA wal_autocheckpoint=200")
    connection.execute("CREATE TABLE counter (n INTEGER)")
    connection.execute("INSERT INTO counter VALUES (0)")
    connection.execute("CREATE TABLE written (writer INTEGER, number INTEGER, filling BLOB, PRIMARY KEY (writer, number))")
    connection.close()
    return mode


def write(directory, writer, tell, end):
    """The life of a writer: from its last committed number on."""
    connection = connect(directory)
    number = connection.execute("SELECT coalesce(max(number), 0) FROM written WHERE writer = ?", (writer,)).fetchone()[0]
    r = random.Random(writer)
    while time.monotonic() < end:
        number += 1
        connection.execute("BEGIN IMMEDIATE")
        n = connection.execute("SELECT n FROM counter").fetchone()[0]
        connection.execute("INSERT INTO written VALUES (?, ?, ?)", (writer, number, r.randbytes(r.randrange(3000))))
        connection.execute("UPDATE counter SET n = ?", (n + 1,))
        connection.execute("COMMIT")
        os.write(tell, b"%d\n" % number)
    connection.close()


class Writer:
    """A writer's present process, and what its processes have told."""

    def __init__(self, directory, writer, end):
        self.directory, self.writer, self.end = directory, writer, end
        self.told, self.kills, self.rest = 0, 0, b""
        self.start()

    def start(self):
        hear, tell = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            code = 1
            try:
                os.close(hear)
                write(self.directory, self.writer, tell, self.end)
                code = 0
            except sqlite3.Error as e:
                sys.stderr.write("writer %d: %s\n" % (self.writer, e))
            finally:
                os._exit(code)
        os.close(tell)
        os.set_blocking(hear, False)
        self.hear = hear

    def listen(self):
        while True:
            try:
                said = os.read(self.hear, 65536)
            except BlockingIOError:
                return
            if not said:
                return
            lines = (self.rest + said).split(b"\n")
            self.rest = lines.pop()
            if lines:
                self.told = int(lines[-1])

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)
        self.wait()
        self.kills += 1
        self.start()

    def wait(self):
        status = os.waitpid(self.pid, 0)[1]
        self.listen()
        os.close(self.hear)
        self.rest = b""
        return os.waitstatus_to_exitcode(status)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("directories", nargs="+")
    a = parser.parse_args()
    print("journal", prepare(a.directories[0]))
    end = time.monotonic() + a.seconds
    writers = [Writer(a.directories[w % len(a.directories)], w, end) for w in range(a.writers)]
    r = random.Random(1)
    while time.monotonic() < end - 1:
        time.sleep(0.2)
        for w in writers:
            w.listen()
        r.choice(writers).kill()
    codes = [w.wait() for w in writers]
    print("writers ended well", codes.count(0) == len(codes))

    connection = connect(a.directories[-1])
    print("integrity", connection.execute("PRAGMA integrity_check").fetchone()[0])
    n = connection.execute("SELECT n FROM counter").fetchone()[0]
    rows = connection.execute("SELECT count(*) FROM written").fetchone()[0]
    print("no lost update", n == rows)
    missing = unexplained = 0
    for w in writers:
        highest, count = connection.execute(
            "SELECT coalesce(max(number), 0), count(*) FROM written WHERE writer = ?", (w.writer,)).fetchone()
        missing += max(0, w.told - highest) + (highest - count)
        unexplained += max(0, highest - w.told - (1 if w.kills else 0))
    print("committed and missing", missing)
    print("written and never told", unexplained)
    print("every writer wrote", all(w.told > 0 for w in writers))
    connection.close()
    print("left", sorted(os.listdir(a.directories[0])))
    sys.stderr.write("%d transactions, %d writers killed\n" % (n, sum(w.kills for w in writers)))


main()
