# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # sourced by scripts/bench
# The same operations from several threads at once.

CLIENTS=(1 2 4 16 64)

measure_scale() {
    for round in $(seq "$ROUNDS"); do
        for target in $(turned "$round"); do
            say "from several threads, round $round of $ROUNDS: $target"
            for clients in "${CLIENTS[@]}"; do
                # Never the same name twice: jnr-fuse has remembered the former for a second.
                work=work-$round-$target-$clients
                mkdir "$W/data/$work"
                "$W/scale" "$(at "$target")/$work" "$COUNT" "$clients" | sed "s/^/scale-$clients-/" | record "$target"
                rm -rf "${W:?}/data/$work"
            done
        done
    done
}

print_scale() {
    [ -n "$(median scale-1-stat-rate kernel)" ] || return 0
    for what in rate p99; do
        echo
        [ $what = rate ] && title="thousand operations a second, all threads together" || title="99th percentile of an operation's time, us"
        echo "| $title | threads | underneath | kernel session, device | kernel session, io_uring | jnr-fuse | bindfs | mergerfs |"
        echo "|---|---|---|---|---|---|---|---|"
        for row in create stat open; do
            case $row in create) text="create + write 4k + close" ;; stat) text="stat, cold dentry" ;; *) text="open + read 4k + close" ;; esac
            for clients in "${CLIENTS[@]}"; do
                line="| $text | $clients |"
                for target in underneath kernel ring jnr bindfs mergerfs; do
                    line+=" $(number "$(median "scale-$clients-$row-$what" $target)") |"
                done
                echo "$line"
            done
        done
    done
}
