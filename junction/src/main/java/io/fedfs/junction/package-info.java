/**
 * What stands in a directory for another place: junctions, and the marker at a fileset's root.
 *
 * <p><b>A junction on disk</b> is what fedfs-utils and the Linux NFS server know: a directory with the sticky bit and no
 * execute bit, <em>and</em> an attribute {@code trusted.junction.nfs} with an XML document that names an FSN. Mode bits alone
 * are an ordinary directory, and so is a directory whose document does not parse. {@code trusted.junction.mode} keeps the mode
 * to go back to, {@code trusted.junction.annotations} (ours) name and value pairs. A file system or a process that may not
 * have {@code trusted.*} uses the same three names in {@code user.*}; since users can write those, whoever follows such a
 * junction decides first whether it believes the NSDB named in it.
 *
 * <pre>
 *                      trusted.*                       user.*
 * mark                 01000                           01600 + read bits of before
 * readable by          CAP_SYS_ADMIN                   whoever may read the directory
 * writable by          CAP_SYS_ADMIN                   owner, CAP_FOWNER
 * other programs       fedfs-utils, nfsd               none
 * </pre>
 *
 * <p>Test in this order, cheapest first: {@link io.fedfs.junction.Junctions#modeMarks} on a mode that is at hand anyway, then
 * {@link io.fedfs.junction.Junctions#recognise}. Writing is for administrators' commands, one at a time and durable; see
 * {@code JunctionWriter} for the order of steps and what a crash leaves.
 *
 * <p><b>A marker</b> is one attribute with the FSN as text; see {@link io.fedfs.junction.FilesetMarker}.
 *
 * <p>Everything read here may have been written by an enemy: sizes and nesting are bounded, the XML reader has no document
 * type, no entities and no way to the network or a file, and messages quote little. Nothing here holds state or locks
 * between calls, knows the mount, or speaks to an NSDB.
 */
package io.fedfs.junction;
