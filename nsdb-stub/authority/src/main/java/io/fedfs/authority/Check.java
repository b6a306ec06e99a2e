package io.fedfs.authority;

/**
 * One thing that a call wants: it is let in when a grant covers each of its checks.
 *
 * @param operation as policies name it: {@code add-fsl}
 */
public record Check(String operation, Access access, Target target) {}
