/**
 * The records of an NSDB as values: {@link io.fedfs.nsdb.model.FsnRecord}, {@link io.fedfs.nsdb.model.FslRecord},
 * {@link io.fedfs.nsdb.model.NamespaceRecord}, what changed ({@link io.fedfs.nsdb.model.Change}), and the one exception
 * ({@link io.fedfs.nsdb.model.NsdbException}) by which a request is refused.
 *
 * <p>Stores keep these, the server turns them into messages and back; neither the wire nor a store's format shows here. All
 * are immutable. Every record carries the revision of the write that last changed it.
 */
package io.fedfs.nsdb.model;
