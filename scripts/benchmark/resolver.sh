# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # sourced by scripts/bench
# One resolve inside the mount's JVM, by JMH: warm, from the cache, and cold, asking the NSDB over loopback.

measure_resolver() {
    in_jvm_built
    say "the resolver, by JMH"
    java -cp "$IN_JVM" org.openjdk.jmh.Main -jvmArgs "-Xmx256m -Dfedfs.benchmark.fsn=$FSN" -v SILENT -rf csv -rff "$W/jmh.csv" \
        io.fedfs.benchmarks.ResolveBenchmark >&2
    # "Benchmark","Mode","Threads","Samples","Score","Score Error (99.9%)","Unit"
    tr -d '"' <"$W/jmh.csv" | awk -F, 'NR > 1 { sub(/.*\./, "", $1); print "resolve-" $1, $5; print "resolve-" $1 "-error", $6 }' | record resolver
}

print_resolver() {
    [ -n "$(median resolve-warm resolver)" ] || return 0
    echo
    echo "| a resolve, by JMH | unit | | +- |"
    echo "|---|---|---|---|"
    local kind
    for kind in warm cold; do
        echo "| $kind | ns | $(number "$(median resolve-$kind resolver)") | $(number "$(median resolve-$kind-error resolver)") |"
    done
}
