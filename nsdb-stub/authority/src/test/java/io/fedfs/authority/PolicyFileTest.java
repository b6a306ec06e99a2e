package io.fedfs.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fedfs.yaml.YamlException;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyFileTest {
    private static final Set<String> OPERATIONS = Set.of("resolve", "get-fsn", "add-fsl", "delete-fsn");
    private static final Principal ALICE = principal("cn:alice", "dn:CN=alice,O=x");
    private static final Principal BOB = principal("cn:bob", "dns:bob.example.org");

    private static Principal principal(String... names) {
        return new Principal(names[0], Set.copyOf(Arrays.asList(names)));
    }

    private static Policy policy(String text) {
        return PolicyFile.parse(text, "policy.yaml", OPERATIONS);
    }

    private static boolean lets(Policy policy, Principal principal, Access access, String operation, Target target) {
        return policy.covering(principal, new Check(operation, access, target)).isPresent();
    }

    private static boolean reads(Policy policy, Principal principal, Target target) {
        return lets(policy, principal, Access.READ, "get-fsn", target);
    }

    private static Target in(String subtree) {
        return Target.in(Subtree.of(subtree), "fsn x");
    }

    @Test
    void nothingIsGrantedByAnEmptyFile() {
        for (String text : new String[] {"", "# nothing", "grants: []", "grants:\ngroups:\n"}) {
            assertThat(reads(policy(text), ALICE, Target.whole("x"))).as(text).isFalse();
        }
    }

    @Test
    void bareNamesAreCommonNamesAndOthersSayTheirKind() {
        Policy policy = policy("grants: [{to: [alice, 'dns:BOB.example.org'], operations: read}]");
        assertThat(reads(policy, ALICE, Target.whole("x"))).isTrue();
        assertThat(reads(policy, BOB, Target.whole("x"))).isTrue();
        assertThat(reads(policy, principal("cn:bob"), Target.whole("x"))).isFalse();
        assertThat(reads(policy, principal("email:alice"), Target.whole("x"))).isFalse();
        assertThat(reads(policy, Principal.NOBODY, Target.whole("x"))).isFalse();
        assertThat(reads(policy("grants: [{to: 'dn:cn=alice, o=x', operations: read}]"), ALICE, Target.whole("x")))
                .as("a distinguished name in another spelling")
                .isTrue();
    }

    @Test
    void anyoneIsEverybodyAndAuthenticatedWhoHasACertificate() {
        Policy anyone = policy("grants: [{to: anyone, operations: [resolve]}]");
        assertThat(lets(anyone, Principal.NOBODY, Access.READ, "resolve", Target.whole("x")))
                .isTrue();
        Policy known = policy("grants: [{to: [authenticated], operations: [resolve]}]");
        assertThat(lets(known, Principal.NOBODY, Access.READ, "resolve", Target.whole("x")))
                .isFalse();
        assertThat(lets(known, BOB, Access.READ, "resolve", Target.whole("x"))).isTrue();
        assertThat(lets(known, principal("cn:authenticated"), Access.READ, "get-fsn", Target.whole("x")))
                .isFalse();
        assertThat(lets(
                        policy("grants: [{to: ['cn:anyone'], operations: all}]"),
                        BOB,
                        Access.READ,
                        "resolve",
                        Target.whole("x")))
                .as("somebody whose name is anyone")
                .isFalse();
    }

    @Test
    void operationsAreKindsOrNames() {
        Policy policy = policy("grants: [{to: alice, operations: [read, add-fsl]}, {to: bob, operations: all}]");
        assertThat(lets(policy, ALICE, Access.READ, "resolve", Target.whole("x")))
                .isTrue();
        assertThat(lets(policy, ALICE, Access.WRITE, "add-fsl", Target.whole("x")))
                .isTrue();
        assertThat(lets(policy, ALICE, Access.WRITE, "delete-fsn", Target.whole("x")))
                .isFalse();
        assertThat(lets(policy, BOB, Access.WRITE, "delete-fsn", Target.whole("x")))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "physics, physics, true",
        "physics, physics/atlas, true",
        "/physics/, physics/atlas/run1, true",
        "physics, physicsx, false",
        "physics/atlas, physics, false",
        "physics, '', false",
        "/, physics, true",
    })
    void aSubtreeCoversWhatIsBelow(String granted, String of, boolean covered) {
        Policy policy = policy("grants: [{to: alice, operations: read, subtree: '" + granted + "'}]");
        assertThat(reads(policy, ALICE, in(of))).isEqualTo(covered);
        assertThat(reads(policy, ALICE, Target.whole("the NSDB")))
                .as("the whole is in no subtree")
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "fs1:/srv, fs1, /srv/a, true",
        "fs1:/srv, fs1, /srv, true",
        "FS1:/srv/, fs1, /srv/a, true",
        "fs1:/srv, fs1, /srv2, false",
        "fs1:/srv, fs2, /srv, false",
        "fs1, fs1, /anything, true",
        "'[fe80::1]:/srv', fe80::1, /srv/x, true",
    })
    void anExportCoversWhatIsBelow(String granted, String host, String path, boolean covered) {
        Policy policy = policy("grants: [{to: alice, operations: read, export: '" + granted + "'}]");
        assertThat(reads(policy, ALICE, Target.at(new Export(host, path), "x"))).isEqualTo(covered);
    }

    @Test
    void allConditionsOfAGrantMustHold() {
        Policy policy = policy("grants: [{to: alice, operations: all, subtree: [a, b], namespace: home}]");
        assertThat(reads(policy, ALICE, in("b").withNamespace("home"))).isTrue();
        assertThat(reads(policy, ALICE, in("b"))).isFalse();
        assertThat(reads(policy, ALICE, in("c").withNamespace("home"))).isFalse();
    }

    @Test
    void groupsAreSpeltOutAndTheGrantSaysWhereItStands() {
        Policy policy = policy("groups:\n  ops: [alice, bob]\ngrants:\n  - to: [group:ops]\n    operations: [all]\n");
        Optional<Policy.Grant> grant = policy.covering(BOB, new Check("add-fsl", Access.WRITE, Target.whole("x")));
        assertThat(grant).map(Policy.Grant::place).contains("policy.yaml:4");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "grants: [{to: alice, operations: [fly]}]                          | policy.yaml:1: operations: \"fly\" is not an operation",
                "grants: [{to: group:ops, operations: [all]}]                      | group:ops is not one of the groups",
                "grants: [{operations: [all]}]                                     | to: is missing",
                "grants: [{to: alice}]                                             | operations: is missing",
                "grants: [{to: alice, operations: all, subtrees: x}]               | subtrees: is not a key of a grant",
                "grants: [{to: alice, operations: all, subtree: []}]               | subtree: is an empty list",
                "grants: [{to: alice, operations: all, subtree: a/../b}]           | must not have . or ..",
                "grants: [{to: alice, operations: all, export: srv:x}]             | write an export as HOST:/PATH",
                "grants: [{to: 'uid:alice', operations: all}]                      | names nobody",
                "grants: {to: alice}                                               | must be a list",
                "grant: []                                                         | is not a key of the policy",
                "grants: [                                                         | not YAML",
            })
    void whatIsWrongIsRefusedWholeWithItsPlace(String text, String message) {
        assertThatThrownBy(() -> policy(text))
                .isInstanceOf(YamlException.class)
                .hasMessageContaining("policy.yaml")
                .hasMessageContaining(message);
    }
}
