# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # sourced by scripts/bench
# What the session's threads allocate for an operation, by com.sun.management.ThreadMXBean, once they are compiled.

ALLOCATION_ROWS=(create stat-cold open-read readdir-stat unlink)

measure_allocation() {
    local engine row
    for engine in "${ENGINES[@]}"; do
        [ "$engine" != jnr ] || continue
        say "allocation: $engine"
        mkdir "$W/data/work"
        for row in 1 2 3; do "$W/ops" "$(at "$engine")/work" "$COUNT" 1 "${ALLOCATION_ROWS[@]}" >/dev/null; done
        for row in "${ALLOCATION_ROWS[@]}"; do
            allocated "$engine" >"$W/allocated.before"
            "$W/ops" "$(at "$engine")/work" "$COUNT" 1 "$row" >/dev/null
            # By thread: one that ended meanwhile has taken its count with it.
            allocated "$engine" | awk -v n="$COUNT" -v row="$row" 'NR == FNR { before[$1] = $2; next } { sum += $2 - before[$1] }
                END { printf "allocated-%s %.1f\n", row, sum / n }' "$W/allocated.before" - | record "$engine"
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
