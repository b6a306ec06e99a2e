package io.fedfs.nsdb.model;

/**
 * Whether a record may be used, why, and since when. An invalid record is kept and can be revived (requirements R5, R6).
 *
 * @param sinceMs milliseconds since the epoch of the last change of state; 0: never changed
 */
public record RecordState(boolean valid, String reason, long sinceMs) {
    /** The state of a new record. */
    public static final RecordState NEW = new RecordState(true, "", 0);

    /** This state after somebody set it: the time moves only when the state itself changes, the reason always. */
    public RecordState set(boolean nowValid, String nowReason, long nowMs) {
        return new RecordState(nowValid, nowReason, nowValid == valid ? sinceMs : nowMs);
    }
}
