package io.fedfs.authority;

import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * What each call of one gRPC service wants: the operation, and from its request what it is about. Complete by construction:
 * {@link Builder#build} refuses when a method of the service has no rule, so a service with a new method does not start
 * until somebody has said who may call it.
 */
public final class Rules {
    private final String service;
    private final Map<String, Rule<?>> byMethod;
    private final Set<String> operations;

    private record Rule<Q>(Access access, Class<Q> request, Function<Q, List<Check>> checks) {
        List<Check> of(Object message) {
            return checks.apply(request.cast(message));
        }
    }

    private Rules(String service, Map<String, Rule<?>> byMethod, Set<String> operations) {
        this.service = service;
        this.byMethod = Map.copyOf(byMethod);
        this.operations = Set.copyOf(operations);
    }

    /** Rules for this service, to be given for each of its methods. */
    public static Builder of(ServiceDescriptor service) {
        return new Builder(service);
    }

    /** The operation that a method is, as policies name it: {@code AddFsl} is {@code add-fsl}. */
    public static String operation(String method) {
        return method.replaceAll("(?<=[a-z0-9])(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
    }

    /** The full name of the service. */
    public String service() {
        return service;
    }

    /** All operations that policies can name. */
    public Set<String> operations() {
        return operations;
    }

    /** Whether the method changes anything. */
    Access access(String method) {
        return rule(method).access();
    }

    /** What this call wants. */
    List<Check> checks(String method, Object request) {
        return rule(method).of(request);
    }

    private Rule<?> rule(String method) {
        Rule<?> rule = byMethod.get(method);
        if (rule == null) {
            throw new IllegalStateException("no rule for " + service + "/" + method);
        }
        return rule;
    }

    /** Collects the rules of one service. */
    public static final class Builder {
        private final ServiceDescriptor service;
        private final Map<String, Rule<?>> byMethod = new HashMap<>();
        private final Set<String> operations = new TreeSet<>();

        private Builder(ServiceDescriptor service) {
            this.service = service;
        }

        /** A call that changes nothing, about each of these targets. */
        public <Q> Builder read(String method, Class<Q> request, Function<Q, List<Target>> targets) {
            return each(method, Access.READ, request, targets);
        }

        /** A call that changes something, about each of these targets. */
        public <Q> Builder write(String method, Class<Q> request, Function<Q, List<Target>> targets) {
            return each(method, Access.WRITE, request, targets);
        }

        /** A call that is several operations, each with its own name: those of other methods. */
        public <Q> Builder several(String method, Access access, Class<Q> request, Function<Q, List<Check>> checks) {
            return put(method, new Rule<>(access, request, checks));
        }

        private <Q> Builder each(String method, Access access, Class<Q> request, Function<Q, List<Target>> targets) {
            String operation = operation(method);
            operations.add(operation);
            return put(method, new Rule<>(access, request, message -> targets.apply(message).stream()
                    .map(target -> new Check(operation, access, target))
                    .toList()));
        }

        private Builder put(String method, Rule<?> rule) {
            if (byMethod.put(method, rule) != null) {
                throw new IllegalStateException("two rules for " + service.getName() + "/" + method);
            }
            return this;
        }

        /**
         * The rules.
         *
         * @throws IllegalStateException when a method of the service has none, or one is for no method
         */
        public Rules build() {
            Set<String> methods = new TreeSet<>();
            for (MethodDescriptor<?, ?> method : service.getMethods()) {
                methods.add(method.getBareMethodName());
            }
            Set<String> open = new TreeSet<>(methods);
            open.removeAll(byMethod.keySet());
            Set<String> astray = new TreeSet<>(byMethod.keySet());
            astray.removeAll(methods);
            if (!open.isEmpty() || !astray.isEmpty()) {
                throw new IllegalStateException("authority over " + service.getName()
                        + " is incomplete: methods without a rule " + open + ", rules without a method " + astray);
            }
            return new Rules(service.getName(), byMethod, operations);
        }
    }
}
