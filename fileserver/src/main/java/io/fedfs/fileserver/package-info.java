/**
 * {@code fedfs-server}, the file server agent: a gRPC daemon on each file server, for the directories it exports.
 *
 * <ul>
 *   <li>{@code config}: which directories are exported, as the administrator wrote it.
 *   <li>{@code place}: from a server path to a directory that is held open, below an export and nowhere else.
 *   <li>{@code journal}: what is being done, on disk, so that a crash leaves nothing half done.
 *   <li>{@code service}: what the calls mean: exports, filesets, junctions. The only room that speaks gRPC.
 *   <li>{@code command}: the command line; wires it all.
 * </ul>
 *
 * <p>The agent knows FSNs and its own directories, never a client's path (N1). It acts with its own rights and on whoever's
 * behalf; who may call is decided before a call arrives here. What it holds in memory can be lost at any time.
 */
package io.fedfs.fileserver;
