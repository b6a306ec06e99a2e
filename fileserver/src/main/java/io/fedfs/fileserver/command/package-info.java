/**
 * {@code fedfs-server}: the daemon and the check of its configuration. {@link io.fedfs.fileserver.command.FedfsServer} is the
 * main class.
 *
 * <p>Exit codes are the numbers of {@link io.fedfs.protocol.FedFsStatus}: 0 done, 8 (INVAL) a mistake on the command line or in
 * the configuration, 9 (IO) a state directory or port that cannot be used, 28 (NSDB_PARAMS) an nsdbs.yaml that cannot be used,
 * 34 (DELAY) a state directory that another agent has. An ordinary mistake is one line on stderr for each thing that is
 * wrong, never a stack trace.
 */
package io.fedfs.fileserver.command;
