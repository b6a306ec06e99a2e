package io.fedfs.authority;

import io.fedfs.protocol.FedFsStatus;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What the audit log keeps of one call.
 *
 * @param call the method's name, or {@code connect} for a connection that was refused
 * @param checks what it wanted
 * @param grantedBy the places of the grants that let it in, {@code file:line}
 * @param made what its answer names: uuid and revision, where it has them
 * @param message why not, empty when it was done
 */
public record AuditEntry(
        String service,
        String call,
        Principal principal,
        String from,
        List<Check> checks,
        List<String> grantedBy,
        FedFsStatus result,
        String message,
        Map<String, Object> made,
        Duration took) {}
