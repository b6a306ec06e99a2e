/**
 * The commands that ask or change a file server through its agent ({@code fedfs server …}), and {@code link} and {@code
 * unlink}, which find out whom to ask: an agent, the running mount that holds a path, or the directory here.
 *
 * <p>{@link io.fedfs.cli.server.ServerConnection} opens the channel; a failed call becomes a {@link
 * io.fedfs.cli.terminal.CommandFailure} as one of an NSDB does. Of the other rooms it uses what they offer: how NSDBs are
 * reached ({@code nsdb}), where a path in a mount is ({@code mount}). They do not know this one.
 */
package io.fedfs.cli.server;
