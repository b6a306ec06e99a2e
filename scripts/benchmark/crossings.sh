# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # sourced by scripts/bench
# 10,000 junctions to as many filesets of one NSDB, a file behind each read by programs: in a new mount, and in one that has crossed as many others four times (so
# that nothing is known of these). And the NSDB asked as often by a resolver alone.

CROSSING_THREADS=(1 4 16)

measure_crossings() {
    local count=10000 threads engine set again warm before
    [ "$COUNT" -ge 10000 ] || count=$COUNT
    in_jvm_built
    say "$count junctions, crossed cold"
    for set in many others; do
        mkdir "$W/$set" "$W/data/$set"
        in_jvm ColdCrossings make "$NSDB" "$W/$set" "$W/data/$set" "$count"
    done
    for threads in "${CROSSING_THREADS[@]}"; do
        echo "resolves-$threads $(in_jvm ColdCrossings resolve "$W/many" "$threads")" | record nsdb
        for engine in "${ENGINES[@]}"; do
            # A mount of its own, in which every junction is closed and nothing is known of any.
            rm -rf "$W/state/crossings"
            mount_fedfs "$engine" "$W/mnt/crossings"
            echo "crossings-$threads $(in_jvm ColdCrossings cross "$W/mnt/crossings/many" "$count" "$threads")" | record "$engine"
            # For nothing, until the daemon is compiled.
            for again in 1 2 3; do
                "$FEDFS/fedfs" flush --mount "$W/mnt/crossings" all >/dev/null
                in_jvm ColdCrossings cross "$W/mnt/crossings/many" "$count" "$threads" >/dev/null
            done
            # Each open junction has a descriptor, and a location is kept ten seconds for who may come: room for the others.
            "$FEDFS/fedfs" flush --mount "$W/mnt/crossings" all >/dev/null
            sleep 12
            before=$(crossed)
            warm=$(in_jvm ColdCrossings cross "$W/mnt/crossings/others" "$count" "$threads")
            [ $(($(crossed) - before)) -eq "$count" ] || fail "not every junction was still closed: $engine, $threads threads"
            echo "crossings-warm-$threads $warm" | record "$engine"
            umount "$W/mnt/crossings"
        done
    done
    rm -rf "$W/data/many" "$W/many" "$W/data/others" "$W/others"
}

crossed() { "$FEDFS/fedfs" status "$W/mnt/crossings" | awk '$1 == "crossings" { print $2 }'; }

print_crossings() {
    [ -n "$(median crossings-1 kernel)" ] || return 0
    echo
    echo "| junctions crossed cold (stat and read of a file behind each), a second | threads | the NSDB alone | kernel session, device | io_uring | jnr-fuse |"
    echo "|---|---|---|---|---|---|"
    local threads
    for threads in "${CROSSING_THREADS[@]}"; do
        echo "| in a new mount | $threads | $(number "$(median "resolves-$threads" nsdb)") | $(columns "crossings-$threads") |"
        echo "| in a mount that has crossed as many others, four times | $threads | | $(columns "crossings-warm-$threads") |"
    done
}
