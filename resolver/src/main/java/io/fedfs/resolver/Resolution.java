package io.fedfs.resolver;

/** The answer to "where is this fileset": a {@link Referral}, or why there is none ({@link Unresolved}). */
public sealed interface Resolution permits Referral, Unresolved {}
