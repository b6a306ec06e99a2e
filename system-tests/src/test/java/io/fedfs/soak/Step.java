package io.fedfs.soak;

import io.fedfs.posix.Caller;
import java.util.List;

/**
 * One random thing to do, the same on both sides.
 *
 * @param kind what it is counted as
 * @param names what it touches: shown alike afterwards by the mount, the model and the directory underneath
 * @param act its outcome is a number (negative: an errno) or a text
 */
record Step(String kind, Caller caller, String arguments, List<String> names, Act act) {
    @FunctionalInterface
    interface Act {
        Object on(Side side);
    }

    @Override
    public String toString() {
        return caller.name() + ": " + kind + " " + arguments;
    }
}
