package io.fedfs.nsdb.model;

/**
 * What a client weighs when it chooses among locations (RFC 7532 2.3, NFSv4.1 fs_locations_info).
 *
 * @param writable accepts writes
 * @param draining about to go away (fedfsNfsGenFlagGoing): a last resort
 * @param currency seconds out of date; negative: not known
 * @param readRank 0..255, lower first, as the other three; the order decides inside a rank
 */
public record Preference(
        boolean writable, boolean draining, int currency, int readRank, int readOrder, int writeRank, int writeOrder) {}
