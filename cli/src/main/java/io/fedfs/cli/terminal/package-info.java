/**
 * What a command and its user exchange: {@link io.fedfs.cli.terminal.Terminal} (streams and environment), {@link
 * io.fedfs.cli.terminal.FedfsCommand} (the frame of every command, {@code --json} included), {@link
 * io.fedfs.cli.terminal.CommandFailure} (an ordinary mistake: a status, a sentence, a remedy).
 *
 * <p>A command makes one document of maps, lists, strings, numbers and booleans; it is printed as it is with {@code --json}
 * and as text otherwise. Names in documents are those of the protocol's fields, and stay.
 */
package io.fedfs.cli.terminal;
