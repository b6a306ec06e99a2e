/**
 * {@code fedfs-nsdb}: the daemon and the commands for its store. {@link io.fedfs.nsdb.command.FedfsNsdb} is the main class.
 *
 * <p>Exit codes are the numbers of {@link io.fedfs.protocol.FedFsStatus}: 0 done, 8 (INVAL) a mistake on the command line,
 * 9 (IO) a store, disk or port that cannot be used, 16 (NOTSUPP) a store of a newer format, 34 (DELAY) a store that another
 * process has. An ordinary mistake is one line on stderr, never a stack trace. A daemon that is told to stop (SIGTERM, SIGINT)
 * ends as the JVM does, with 128 + the signal's number.
 */
package io.fedfs.nsdb.command;
