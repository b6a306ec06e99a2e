/**
 * What POSIX and the Linux manual pages promise of a directory tree, as a table of cases that runs on any directory.
 *
 * <p>A {@link io.fedfs.posix.Case} is one line in one of the {@code *Cases} tables: who calls, what is expected, a name, what is
 * made ready, what is called. {@link io.fedfs.posix.PosixContract} turns the tables into tests. It runs first on a plain directory: a
 * case that fails there is a wrong case. Then it runs on mounts, and there nothing but the directory is different.
 *
 * <p>{@link io.fedfs.posix.Ground} is the empty directory of one case with the system calls on it. Calls answer as the kernel does:
 * a result below zero is a negated errno. {@link io.fedfs.posix.Unsupported} is the only place where a session is excused
 * from a case, each with its reason, and a case that works although it is listed there fails.
 * {@link io.fedfs.posix.ErrnoCoverageTest} holds the table of errnos that the manual promises, call by call, against the cases.
 */
package io.fedfs.posix;
