/**
 * A private certificate authority for sites that have none: its own certificate, and certificates of NSDBs, file servers, mounts
 * and administrators, as PEM files that everything here reads. {@link io.fedfs.pki.PrivateAuthority} is the authority in a
 * directory, {@link io.fedfs.pki.Credential} a certificate with its key. Bouncy Castle does the ASN.1.
 *
 * <p>There is no revocation: certificates are short-lived by choice of the administrator, and the policy says who may do what.
 */
package io.fedfs.pki;
