package io.fedfs.projection;

import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.Fsl;
import io.fedfs.protocol.Fsn;
import io.fedfs.protocol.NsdbAddress;
import io.fedfs.resolver.Referral;
import io.fedfs.resolver.Resolution;
import io.fedfs.resolver.Resolver;
import io.fedfs.resolver.Unresolved;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** A resolver whose answers the test sets, which counts the questions and can be made to hold them back. */
final class FakeResolver implements Resolver {
    private final Map<Fsn, Resolution> answers = new ConcurrentHashMap<>();
    private final Map<Fsn, Listener> listeners = new ConcurrentHashMap<>();
    /** Filesets whose NSDB says that nothing in them changes; for answers set from then on. */
    final Set<Fsn> immutable = ConcurrentHashMap.newKeySet();

    /** Filesets that were said to be wanted soon, in order. */
    final List<Fsn> expected = new CopyOnWriteArrayList<>();
    /** Filesets whose answer is not here before it is asked for. */
    final Set<Fsn> unknown = ConcurrentHashMap.newKeySet();

    final AtomicInteger asked = new AtomicInteger();
    volatile CountDownLatch gate;

    static Fsn fsn() {
        return new Fsn(new NsdbAddress("nsdb.example.org", 7532), UUID.randomUUID());
    }

    static Fsl local(Path path, boolean writable) {
        return new Fsl(
                UUID.randomUUID(), "local", "here", 0, path.toString(), "", Map.of(), writable, false, 0, 0, 0, 0, 0);
    }

    void lives(Fsn fsn, Fsl... at) {
        answers.put(
                fsn,
                new Referral(
                        fsn,
                        List.of(at),
                        Duration.ofMinutes(5),
                        immutable.contains(fsn),
                        1,
                        Instant.EPOCH,
                        Referral.Source.NSDB,
                        Optional.empty()));
    }

    void fails(Fsn fsn, Unresolved.Reason reason) {
        answers.put(fsn, new Unresolved(fsn, reason, FedFsStatus.NSDB_NOFSN, "set by the test"));
    }

    /** Tells the follower that the answer is another one now. */
    void tell(Fsn fsn) {
        listeners.get(fsn).changed(fsn, answers.get(fsn));
    }

    boolean isFollowed(Fsn fsn) {
        return listeners.containsKey(fsn);
    }

    @Override
    public Resolution resolve(Fsn fsn, Duration deadline) {
        asked.incrementAndGet();
        CountDownLatch held = gate;
        if (held != null) {
            try {
                held.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        Resolution answer = answers.get(fsn);
        return answer != null
                ? answer
                : new Unresolved(fsn, Unresolved.Reason.NO_SUCH_FSN, FedFsStatus.NSDB_NOFSN, "unknown");
    }

    @Override
    public Following follow(Fsn fsn, Listener listener) {
        listeners.put(fsn, listener);
        return () -> listeners.remove(fsn);
    }

    @Override
    public Optional<Resolution> cached(Fsn fsn) {
        return unknown.contains(fsn) ? Optional.empty() : Optional.ofNullable(answers.get(fsn));
    }

    @Override
    public void expect(Fsn fsn) {
        expected.add(fsn);
    }

    @Override
    public NamespaceRoot namespaceRoot(NsdbAddress nsdb, String name, Duration deadline) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean flush(Fsn fsn) {
        return answers.containsKey(fsn);
    }

    @Override
    public int flushAll() {
        return answers.size();
    }

    @Override
    public List<ExplainedStep> explain(Fsn fsn, Duration deadline) {
        return List.of();
    }

    @Override
    public List<NsdbReport> nsdbs() {
        return List.of();
    }

    @Override
    public NsdbProbe probe(NsdbAddress nsdb, Duration deadline) {
        return new NsdbProbe(nsdb, true, "", Duration.ZERO);
    }

    @Override
    public Map<String, Long> counters() {
        return Map.of();
    }

    @Override
    public void close() {}
}
