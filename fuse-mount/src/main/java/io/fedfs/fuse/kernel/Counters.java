package io.fedfs.fuse.kernel;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;

/** How many requests of each operation were served. */
final class Counters {
    private final LongAdder[] requests = new LongAdder[Opcode.COUNT];

    Counters() {
        for (int i = 0; i < requests.length; i++) {
            requests[i] = new LongAdder();
        }
    }

    void count(int opcode) {
        requests[Opcode.slot(opcode)].increment();
    }

    /** {@code requests_NAME} by the operation's name; those that never came are left out. */
    Map<String, Long> snapshot() {
        Map<String, Long> m = new TreeMap<>();
        for (int op = 0; op < requests.length; op++) {
            long n = requests[op].sum();
            if (n > 0) {
                m.put("requests_" + Opcode.name(op), n);
            }
        }
        return m;
    }
}
