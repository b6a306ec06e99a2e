package io.fedfs.authority;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.fedfs.authority.Policy.Grant;
import io.fedfs.protocol.FedFsStatus;
import io.fedfs.protocol.StatusTrailer;
import io.fedfs.v1.StatusDetail;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets in what the policy grants, refuses the rest with PERMISSION_DENIED and FEDFS_ERR_ACCESS before the service sees the
 * request, and records both. An answer that goes on (a stream) is looked at again when the policy has changed. It must be
 * outside of what maps the service's failures, so that it records what the caller is told.
 *
 * <p>Nothing here says whether what was asked for exists: who may not ask is not told.
 */
public final class AuthorityInterceptor implements ServerInterceptor {
    private static final Logger log = LoggerFactory.getLogger(AuthorityInterceptor.class);
    private static final List<String> MADE = List.of("uuid", "name", "revision");

    private final Rules rules;
    private final Supplier<Policy> policy;
    private final AuditLog audit;
    private final Clock clock;
    private final Function<RuntimeException, FedFsStatus> failures;

    /**
     * @param failures what a failure of a rule's function means to the caller: the store is down, or SVRFAULT
     */
    public AuthorityInterceptor(
            Rules rules,
            Supplier<Policy> policy,
            AuditLog audit,
            Clock clock,
            Function<RuntimeException, FedFsStatus> failures) {
        this.rules = rules;
        this.policy = policy;
        this.audit = audit;
        this.clock = clock;
        this.failures = failures;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        Caller caller = Caller.of(call.getAttributes(), clock);
        Guarded<Q, A> guarded = new Guarded<>(call, caller);
        ServerCall.Listener<Q> inside = Contexts.interceptCall(caller.in(Context.current()), guarded, headers, next);
        return new SimpleForwardingServerCallListener<>(inside) {
            @Override
            public void onMessage(Q message) {
                if (guarded.letIn(message)) {
                    super.onMessage(message);
                }
            }

            @Override
            public void onHalfClose() {
                if (!guarded.over) {
                    super.onHalfClose();
                }
            }
        };
    }

    private final class Guarded<Q, A> extends SimpleForwardingServerCall<Q, A> {
        private final Caller caller;
        private final String method;
        private final long began = System.nanoTime();
        private final Set<String> grantedBy = new LinkedHashSet<>();
        private final Map<String, Object> made = new LinkedHashMap<>();
        private List<Check> checks = List.of();
        private volatile Policy judgedBy;
        private volatile boolean over;
        private boolean refused;

        Guarded(ServerCall<Q, A> call, Caller caller) {
            super(call);
            this.caller = caller;
            this.method = call.getMethodDescriptor().getBareMethodName();
        }

        boolean letIn(Q message) {
            if (over) {
                return false;
            }
            if (!caller.refusal().isEmpty()) {
                refuse(FedFsStatus.NSDB_AUTH, caller.refusal());
                return false;
            }
            boolean writes = rules.access(method) == Access.WRITE;
            if (!writes && policy.get().isOpen()) {
                // Everybody may, and what is read is not written down: then what it is about need not be looked up.
                judgedBy = policy.get();
                return true;
            }
            try {
                List<Check> wanted = new ArrayList<>(checks);
                wanted.addAll(rules.checks(method, message));
                checks = wanted;
            } catch (RuntimeException e) {
                FedFsStatus status = failures.apply(e);
                if (status == FedFsStatus.SVRFAULT) {
                    log.error("cannot tell what {} is about", method, e);
                    refuse(status, "it could not be told who may do this; the server's log says why");
                } else {
                    refuse(status, e.getMessage());
                }
                return false;
            }
            if (!judge()) {
                return false;
            }
            if (writes && !audit.writable()) {
                refuse(FedFsStatus.IO, "nothing is changed while the audit log cannot be written");
                return false;
            }
            return true;
        }

        private boolean judge() {
            Policy now = policy.get();
            judgedBy = now;
            for (Check check : checks) {
                Optional<Grant> grant = now.covering(caller.principal(), check);
                if (grant.isEmpty()) {
                    refuse(
                            FedFsStatus.ACCESS,
                            caller.principal().name() + " may not " + check.operation() + " "
                                    + check.target().described());
                    return false;
                }
                grantedBy.add(grant.get().place());
            }
            return true;
        }

        @Override
        public void sendMessage(A message) {
            if (over || judgedBy != policy.get() && !judge()) {
                return;
            }
            if (rules.access(method) == Access.WRITE && message instanceof Message answer) {
                note(answer);
            }
            super.sendMessage(message);
        }

        private void note(Message answer) {
            for (String name : MADE) {
                FieldDescriptor field = answer.getDescriptorForType().findFieldByName(name);
                if (field != null && !field.isRepeated() && field.getJavaType() != FieldDescriptor.JavaType.MESSAGE) {
                    made.put(name, answer.getField(field));
                }
            }
        }

        @Override
        public boolean isReady() {
            return over || super.isReady();
        }

        private void refuse(FedFsStatus status, String why) {
            refused = true;
            Metadata trailers = new Metadata();
            StatusTrailer.put(
                    trailers,
                    StatusDetail.newBuilder()
                            .setStatus(status.number())
                            .setMessage(why)
                            .build());
            close(Status.fromCode(StatusTrailer.code(status)).withDescription(status.rfcName() + ": " + why), trailers);
        }

        @Override
        public void close(Status status, Metadata trailers) {
            if (over) {
                return;
            }
            over = true;
            if (refused || rules.access(method) == Access.WRITE) {
                audit.append(entry(status, trailers));
            }
            super.close(status, trailers);
        }

        private AuditEntry entry(Status status, Metadata trailers) {
            Optional<StatusDetail> detail = StatusTrailer.read(trailers);
            FedFsStatus result = status.isOk()
                    ? FedFsStatus.OK
                    : detail.map(d -> FedFsStatus.of(d.getStatus())).orElse(FedFsStatus.SVRFAULT);
            return new AuditEntry(
                    rules.service(),
                    method,
                    caller.principal(),
                    caller.from(),
                    checks,
                    List.copyOf(grantedBy),
                    result,
                    detail.map(StatusDetail::getMessage)
                            .orElse(status.isOk() ? "" : status.getCode().name()),
                    made,
                    Duration.ofNanos(System.nanoTime() - began));
        }
    }
}
