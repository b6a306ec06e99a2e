# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # sourced by scripts/bench
# One operation at a time, beside the directory underneath and other file systems: the first table.

OPS=(create stat-cold stat-cached open-read readdir-stat pwrite unlink)
BIG=(seq-write seq-read mmap-read remove-big)
rows_of_ops() { # the rows to run for --only: what they build on has to run as well
    case $ONLY in
        "" | operations) echo "${OPS[*]} ${BIG[*]}" ;;
        seq-write | seq-read | mmap-read) echo "${BIG[*]}" ;;
        create | unlink) echo "create unlink" ;;
        stat-cold | stat-cached | open-read | readdir-stat | pwrite) echo "create $ONLY unlink" ;;
    esac
}

ROWS=$(rows_of_ops)
operations() { # TARGET
    mkdir "$W/data/work"
    # shellcheck disable=SC2086
    "$W/ops" "$(at "$1")/work" "$COUNT" "$MEGABYTES" $ROWS | grep -v remove-big || true
    rm -rf "$W/data/work"
}

operation_row() { # ROW UNIT TITLE
    [ -n "$(median "$1" underneath)" ] || return 0
    local target line="| $3 | $2 |" v
    declare -A m
    for target in underneath kernel ring jnr bindfs mergerfs; do
        m[$target]=$(median "$1" $target)
        line+=" $(number "${m[$target]}") |"
    done
    line+=" $(cost "${m[kernel]}" "${m[underneath]}" "$2") | $(cost "${m[kernel]}" "${m[bindfs]}" "$2") |"
    line+=" $(cost "${m[ring]}" "${m[kernel]}" "$2") |"
    line+=" $(cost "${m[jnr]}" "${m[bindfs]}" "$2") |"
    echo "$line"
}

measure_operations() {
    [ -n "$ROWS" ] || return 0
    # Everyone once for nothing: a JVM's first thousand requests are interpreted, and caches are cold.
    for target in "${TARGETS[@]}"; do
        say "warming up: $target"
        operations "$target" >/dev/null
    done
    for round in $(seq "$ROUNDS"); do
        for target in $(turned "$round"); do
            say "round $round of $ROUNDS: $target"
            operations "$target" | record "$target"
        done
    done
}

print_operations() {
    [ -n "$ROWS" ] || return 0
    echo
    echo "| | unit | underneath | kernel session, device | kernel session, io_uring | jnr-fuse | bindfs | mergerfs | device : underneath | device : bindfs | io_uring : device | jnr-fuse : bindfs |"
    echo "|---|---|---|---|---|---|---|---|---|---|---|---|"
    operation_row create us "create + write 4k + close"
    operation_row stat-cold us "stat, cold dentry"
    operation_row stat-cached us "stat, cached dentry"
    operation_row open-read us "open + read 4k + close"
    operation_row readdir-stat us "readdir + stat, an entry"
    operation_row pwrite us "pwrite 4k, open file"
    operation_row unlink us "unlink"
    operation_row seq-write GB/s "sequential write, 1 MiB"
    operation_row seq-read GB/s "sequential read, warm"
    operation_row mmap-read GB/s "mmap read, warm"
    echo
    echo "The last four columns are what the one costs as a multiple of the other: below 1, the first is the cheaper one."
    echo "Cold dentries: \`echo 2 > /proc/sys/vm/drop_caches\` before the row, for everyone (tmpfs itself keeps its dentries)."
}
