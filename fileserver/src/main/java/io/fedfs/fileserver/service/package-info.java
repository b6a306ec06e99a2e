/**
 * What the calls mean. {@code FileServerService} hands each to who knows: {@code ExportQueries} (R8), {@code FilesetQueries}
 * (R1), {@code Promotions} (R2), {@code JunctionOperations} (R3, R4, R14a) with {@code Spreading} (R3b). {@link io.fedfs.fileserver.service.FileServer}
 * puts them together and listens.
 *
 * <p>Failures leave as {@code ServiceException}. Calls run on a bounded pool and may block on the file system and on an NSDB,
 * each within a bound; no lock is held while an NSDB is asked. Two calls that change the same directory's fileset exclude one
 * another ({@code Busy}): the second is told to come again.
 *
 * <p>A promotion has four steps: the intent in the journal, the marker on the directory, FSN and FSL in one transaction of the
 * NSDB, the intent goes. When the third is refused, the marker goes; when nobody knows what became of it, it is taken back
 * as soon as the NSDB can be asked. What a crash interrupts is brought forward: the same transaction, with the same UUIDs,
 * does no harm when it was done already.
 */
package io.fedfs.fileserver.service;
