/**
 * One NSDB with a million filesets beside an OpenLDAP server with the same records: made, measured, side by side. Run by
 * {@code scripts/bench-nsdb large}; no part of the tests.
 */
package io.fedfs.nsdb.large;
