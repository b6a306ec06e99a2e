/**
 * {@code fedfs}, the command of administrators and users.
 *
 * <p>{@link io.fedfs.cli.Fedfs} parses, runs one command and turns its outcome into an exit code; {@code CommandTree} knows
 * which commands there are and builds only the part that the command line names, because most of a short command's time is
 * loading classes. The commands themselves live in rooms; the first three know nothing of one another:
 *
 * <ul>
 *   <li>{@code nsdb}: what asks or changes an NSDB. It and {@code server} are the rooms that speak gRPC.
 *   <li>{@code local}: what stands in directories of this host: junctions, markers, DAOS entries.
 *   <li>{@code mount}: what asks a running mount through its control socket. Neither gRPC nor native code is loaded, and
 *       the mount itself is never touched: it may hang, and these are the commands that find out why.
 *   <li>{@code server}: what asks or changes a file server through its agent, and links by place; it uses the others.
 * </ul>
 *
 * <p>{@code terminal} is what all share: output as text or JSON, and failures.
 */
package io.fedfs.cli;
