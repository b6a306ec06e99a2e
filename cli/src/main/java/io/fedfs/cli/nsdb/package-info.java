/**
 * The commands that ask or change an NSDB: {@code fsn}, {@code fsl}, {@code namespace}, {@code fileset}, {@code resolve}.
 *
 * <p>{@link io.fedfs.cli.nsdb.NsdbConnection} is the one place that opens a channel and the one that turns a failed call
 * into a {@link io.fedfs.cli.terminal.CommandFailure}; {@code NsdbDocuments} the one that knows how records look as JSON;
 * {@code NsdbText} how they look to people. Every call has a deadline. Writes that were read first carry the revision that
 * was read, so two administrators never undo one another unseen.
 */
package io.fedfs.cli.nsdb;
