package io.fedfs.nsdb.model;

import java.util.UUID;

/**
 * Which junction it is. The NSDB of the fileset that holds it is not part of it: UUIDs are unique, and an NSDB has several
 * spellings.
 *
 * @param to the FSN it stands for
 * @param from the UUID of the FSN of the fileset that holds it
 * @param path from that fileset's root, relative
 */
public record ReferenceKey(UUID to, UUID from, String path) {}
