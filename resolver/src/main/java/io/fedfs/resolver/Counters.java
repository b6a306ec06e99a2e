package io.fedfs.resolver;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What happened since the start. Each name is what {@link Resolver#counters()} calls it. */
final class Counters {
    final LongAdder hits = new LongAdder();
    final LongAdder misses = new LongAdder();
    final LongAdder resolveCalls = new LongAdder();
    final LongAdder resolveFailures = new LongAdder();
    final LongAdder refreshes = new LongAdder();
    final LongAdder expected = new LongAdder();
    final LongAdder staleServed = new LongAdder();
    final LongAdder offlineServed = new LongAdder();
    final LongAdder deadlinesPassed = new LongAdder();
    final LongAdder failedFast = new LongAdder();
    final LongAdder breakerOpened = new LongAdder();
    final LongAdder probes = new LongAdder();
    final LongAdder watchStreams = new LongAdder();
    final LongAdder watchEvents = new LongAdder();
    final LongAdder watchResyncs = new LongAdder();
    final LongAdder changesTold = new LongAdder();

    /** The counters by name, in an order that reads well. */
    Map<String, Long> read() {
        Map<String, Long> all = new LinkedHashMap<>();
        all.put("referral_hits", hits.sum());
        all.put("referral_misses", misses.sum());
        all.put("rpc_resolve", resolveCalls.sum());
        all.put("rpc_resolve_failures", resolveFailures.sum());
        all.put("refreshes", refreshes.sum());
        all.put("expected", expected.sum());
        all.put("stale_served", staleServed.sum());
        all.put("offline_served", offlineServed.sum());
        all.put("deadlines_passed", deadlinesPassed.sum());
        all.put("failed_fast", failedFast.sum());
        all.put("breaker_opened", breakerOpened.sum());
        all.put("probes", probes.sum());
        all.put("watch_streams", watchStreams.sum());
        all.put("watch_events", watchEvents.sum());
        all.put("watch_resyncs", watchResyncs.sum());
        all.put("changes_told", changesTold.sum());
        return all;
    }
}
