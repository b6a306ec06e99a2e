/** Certificates for sites without an authority of their own. The only room that loads the certificate library. */
package io.fedfs.cli.pki;
