package io.fedfs.nsdb.model;

import java.util.UUID;

/** Which location: an FSL's UUID is unique below its FSN only (RFC 7532, fedfsFslUuid). */
public record FslKey(UUID fsn, UUID fsl) {}
