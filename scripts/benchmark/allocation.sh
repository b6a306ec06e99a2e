# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # sourced by scripts/bench
# What the session's threads allocate for an operation, by com.sun.management.ThreadMXBean, once they are compiled.

ALLOCATION_ROWS=(create stat-cold open-read readdir-stat unlink)

# A thread that ends takes its count with it, so there is one that stays.
measure_allocation() {
    local engine row point before after
    for engine in "${ENGINES[@]}"; do
        [ "$engine" != jnr ] || continue
        say "allocation: $engine"
        mkdir "$W/data/work"
        for row in 1 2 3; do "$W/ops" "$(at "$engine")/work" "$COUNT" 1 "${ALLOCATION_ROWS[@]}" >/dev/null; done
        for row in "${ALLOCATION_ROWS[@]}"; do
            before=$(allocated "$engine")
            "$W/ops" "$(at "$engine")/work" "$COUNT" 1 "$row" >/dev/null
            after=$(allocated "$engine")
            echo "allocated-$row $(awk -v b="$before" -v a="$after" -v n="$COUNT" 'BEGIN { printf "%.1f", (a - b) / n }')" | record "$engine"
        done
        rm -rf "$W/data/work"
    done
}

allocated() { # ENGINE
    java scripts/benchmark/Allocated.java "$(daemon_of "$1")" fedfs-fuse
}

print_allocation() {
    [ -n "$(median allocated-create kernel)" ] || return 0
    echo
    echo "| bytes allocated in the daemon's heap | device | io_uring |"
    echo "|---|---|---|"
    local row title
    for row in "${ALLOCATION_ROWS[@]}"; do
        case $row in
            create) title="create + write 4k + close: lookup, create, flush, release, and a node that stays" ;;
            stat-cold) title="stat, cold dentry: lookup, and a node that stays" ;;
            open-read) title="open + read 4k + close: open, flush, release" ;;
            readdir-stat) title="readdirplus, an entry" ;;
            unlink) title="unlink, forget" ;;
        esac
        echo "| $title | $(number "$(median "allocated-$row" kernel)") | $(number "$(median "allocated-$row" ring)") |"
    done
}
