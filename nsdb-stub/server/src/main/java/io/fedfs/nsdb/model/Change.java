package io.fedfs.nsdb.model;

/**
 * That something changed, not how: whoever holds the record asks again.
 *
 * @param key an FSN's UUID or a namespace's name
 */
public record Change(Kind kind, String key, long revision) {
    /** The numbers stand in stores and are never given another meaning. */
    public enum Kind {
        /** The FSN, its state or any of its locations. */
        FSN(1),
        FSN_DELETED(2),
        NAMESPACE(3),
        NAMESPACE_DELETED(4),
        /** A reference; nobody who holds a referral needs to know. */
        REFERENCE(5);

        private final int number;

        Kind(int number) {
            this.number = number;
        }

        public int number() {
            return number;
        }

        /**
         * The kind with this number.
         *
         * @throws IllegalArgumentException when there is none
         */
        public static Kind of(int number) {
            for (Kind kind : values()) {
                if (kind.number == number) {
                    return kind;
                }
            }
            throw new IllegalArgumentException("no kind of change has the number " + number);
        }
    }
}
