package io.fedfs.nsdb.model;

import io.fedfs.protocol.Fsn;

/** A junction that stands for an FSN of this NSDB (requirement R3a), as whoever made it has said. */
public record ReferenceRecord(ReferenceKey key, Fsn from, long revision, long createdMs) {}
