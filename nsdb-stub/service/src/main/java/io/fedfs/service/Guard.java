package io.fedfs.service;

import io.fedfs.authority.AuditLog;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Who may call what, and where it is written down.
 *
 * @param policy the policy's file; empty: everybody who reaches the service may do everything
 * @param audit the caller's, also to close
 */
public record Guard(Optional<Path> policy, AuditLog audit) {
    /** Everybody may do everything, and nothing is written down. */
    public static final Guard NONE = new Guard(Optional.empty(), AuditLog.none());
}
