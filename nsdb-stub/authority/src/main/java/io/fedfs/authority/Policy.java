package io.fedfs.authority;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Who may do what: a list of grants. What no grant covers is refused; nothing is ever denied by a line, so the order of the
 * lines does not matter.
 */
public final class Policy {
    /** Covers everybody, also without a certificate. */
    static final String ANYONE = "anyone";
    /** Covers everybody with a certificate. */
    static final String AUTHENTICATED = "authenticated";

    private final List<Grant> grants;

    Policy(List<Grant> grants) {
        this.grants = List.copyOf(grants);
    }

    /** How many grants there are. */
    public int size() {
        return grants.size();
    }

    /** Whether everybody may do everything everywhere. */
    boolean isOpen() {
        return grants.stream()
                .anyMatch(g -> g.to.contains(ANYONE)
                        && g.operations.access().size() == Access.values().length
                        && g.subtrees.isEmpty()
                        && g.namespaces.isEmpty()
                        && g.exports.isEmpty());
    }

    /** The grant that covers a check; empty: refused. */
    public Optional<Grant> covering(Principal principal, Check check) {
        for (Grant grant : grants) {
            if (grant.isTo(principal) && grant.operations.covers(check) && grant.isOver(check.target())) {
                return Optional.of(grant);
            }
        }
        return Optional.empty();
    }

    /**
     * The operations of a grant.
     *
     * @param access all operations of these kinds
     * @param names and these by name
     */
    record Operations(Set<Access> access, Set<String> names) {
        boolean covers(Check check) {
            return access.contains(check.access()) || names.contains(check.operation());
        }
    }

    /**
     * One line of a policy.
     *
     * @param place where it is written, {@code file:line}
     * @param to {@link Principal#names}, {@code anyone} or {@code authenticated}; groups are spelt out
     * @param subtrees empty: no such condition
     */
    public record Grant(
            String place,
            Set<String> to,
            Operations operations,
            List<Subtree> subtrees,
            Set<String> namespaces,
            List<Export> exports) {

        boolean isTo(Principal principal) {
            if (to.contains(ANYONE) || principal.authenticated() && to.contains(AUTHENTICATED)) {
                return true;
            }
            for (String name : principal.names()) {
                if (to.contains(name)) {
                    return true;
                }
            }
            return false;
        }

        boolean isOver(Target target) {
            return (subtrees.isEmpty()
                            || target.subtree().isPresent()
                                    && subtrees.stream()
                                            .anyMatch(s ->
                                                    s.covers(target.subtree().get())))
                    && (namespaces.isEmpty()
                            || target.namespace().isPresent()
                                    && namespaces.contains(target.namespace().get()))
                    && (exports.isEmpty()
                            || target.export().isPresent()
                                    && exports.stream()
                                            .anyMatch(e ->
                                                    e.covers(target.export().get())));
        }
    }
}
