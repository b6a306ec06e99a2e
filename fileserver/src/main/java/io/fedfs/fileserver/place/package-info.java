/**
 * From what a client names to a directory of this server that is held open.
 *
 * <p>{@link io.fedfs.fileserver.place.ServerPath} is a path as clients write it; {@link io.fedfs.fileserver.place.Exports}
 * finds the export that holds it; {@link io.fedfs.fileserver.place.HeldDirectory} is the directory, opened one component
 * after the other with openat2(2) so that no symbolic link, no {@code ..} and no rename under way leads out of the export, and
 * no junction is stepped through. Everything after that works on the descriptor and never on the path again.
 *
 * <p>An export's own directory is opened anew for each call: what is answered is what is there now, not what was there when the
 * agent started.
 */
package io.fedfs.fileserver.place;
