# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # sourced by scripts/bench
# 10,000 junctions to as many filesets of one NSDB, a file behind each read by programs of a new mount; and the NSDB asked as often by a resolver alone.

CROSSING_THREADS=(1 4 16)

measure_crossings() {
    local count=10000 threads engine again warm before
    [ "$COUNT" -ge 10000 ] || count=$COUNT
    in_jvm_built
    say "$count junctions, crossed cold"
    mkdir "$W/many" "$W/data/many"
    in_jvm ColdCrossings make "$NSDB" "$W/many" "$W/data/many" "$count"
    for threads in "${CROSSING_THREADS[@]}"; do
        echo "resolves-$threads $(in_jvm ColdCrossings resolve "$W/many" "$threads")" | record nsdb
        for engine in "${ENGINES[@]}"; do
            # A mount of its own, in which every junction is closed and nothing is known of any.
            rm -rf "$W/state/crossings"
            mount_fedfs "$engine" "$W/mnt/crossings"
            echo "crossings-$threads $(in_jvm ColdCrossings cross "$W/mnt/crossings/many" "$count" "$threads")" | record "$engine"
            # Again, all closed and all forgotten, by a daemon that is compiled.
            for again in 1 2 3; do
                "$FEDFS/fedfs" flush --mount "$W/mnt/crossings" all >/dev/null
                before=$(crossed)
                warm=$(in_jvm ColdCrossings cross "$W/mnt/crossings/many" "$count" "$threads")
                # A few may be looked up before the kernel has forgotten them, and stay open.
                [ $(($(crossed) - before)) -ge $((count * 9 / 10)) ] || fail "too many junctions were still open: $engine, $threads threads"
            done
            echo "crossings-warm-$threads $warm" | record "$engine"
            umount "$W/mnt/crossings"
        done
    done
    rm -rf "$W/data/many" "$W/many"
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
        echo "| forgotten and crossed for the fourth time | $threads | | $(columns "crossings-warm-$threads") |"
    done
}
