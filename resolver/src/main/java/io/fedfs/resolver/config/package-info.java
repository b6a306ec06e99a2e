/**
 * How each NSDB is reached and whether it is trusted: one YAML file, read whole at the start
 * ({@link io.fedfs.resolver.config.NsdbDirectory#read}). Unknown keys and senseless values are refused with file, line and
 * remedy. Credential files are opened only when their NSDB is spoken to, so an unreadable key of one NSDB harms no other.
 *
 * <p>Everything here is immutable. Nothing asks DNS: names are compared as text, as FSNs are.
 */
package io.fedfs.resolver.config;
