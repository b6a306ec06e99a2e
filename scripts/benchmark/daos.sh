# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # sourced by scripts/bench
# What looking for DAOS entries costs: 1,000 plain directories, looked up by name, on a mount without and one with links to containers. Times without
# strace, system calls with it; by a program that lists one directory, stats what is in it, and asks for no attributes itself.

measure_daos() {
    install_missing strace || return 0
    say "daos"
    mkdir "$W/data/dirs" "$W/mnt/daos-off" "$W/mnt/daos-on"
    (cd "$W/data/dirs" && seq -f 'd%04g' 1000 | xargs mkdir)
    "$FEDFS/fedfs-mount" "$FSN" "$W/mnt/daos-off" -o "$(options kernel "$W/mnt/daos-off")"
    "$FEDFS/fedfs-mount" "$FSN" "$W/mnt/daos-on" -o "$(options kernel "$W/mnt/daos-on"),daos=/no/such/prefix"
    walk() { find "$W/mnt/daos-$1/dirs" -maxdepth 1 -printf '%s\n' >/dev/null; }
    calls() { # off or on, ROW
        local pid tracer
        pid=$(daemon_of "daos-$1")
        : >"$W/strace.says"
        strace -f -c -o "$W/strace" -p "$pid" \
            -e trace=statx,getxattr,lgetxattr,fgetxattr,listxattr,llistxattr,flistxattr 2>"$W/strace.says" &
        tracer=$!
        for _ in $(seq 100); do grep -q attached "$W/strace.says" && break; sleep 0.1; done
        walk "$1"
        kill -INT "$tracer"
        wait "$tracer" || true
        awk -v row="$2" '$NF == "statx" { statx = $4 } $NF ~ /getxattr$/ { get += $4 } $NF ~ /listxattr$/ { list += $4 }
            END { print row "-statx", statx + 0; print row "-getxattr", get + 0; print row "-listxattr", list + 0 }' "$W/strace" |
            record "daos-$1"
    }
    for which in off on; do
        calls "$which" first
        calls "$which" cached
        echo 2 >/proc/sys/vm/drop_caches
        sleep 1
        calls "$which" forgotten
    done
    for round in $(seq "$((ROUNDS * 2))"); do
        for which in off on; do
            echo 2 >/proc/sys/vm/drop_caches
            sleep 0.2
            echo "find $("$W/ops" --time find "$W/mnt/daos-$which/dirs" -maxdepth 1 -printf '%s\n')" | record "daos-$which"
        done
    done
    umount "$W/mnt/daos-off" "$W/mnt/daos-on"
    rm -rf "$W/data/dirs"
}

print_daos() {
    [ -n "$(median find daos-on)" ] || return 0
    echo
    echo "| 1,000 plain directories, kernel session | unit | without daos= | with daos= |"
    echo "|---|---|---|---|"
    for when in first cached forgotten; do
        case $when in
            first) title="looked up for the first time" ;;
            cached) title="again, attributes cached" ;;
            forgotten) title="again, after the kernel forgot them" ;;
        esac
        for call in statx getxattr listxattr; do
            echo "| $title: $call | calls | $(median "$when-$call" daos-off) | $(median "$when-$call" daos-on) |"
        done
    done
    echo "| \`find\` with sizes, cold dentries | ms | $(number "$(median find daos-off)") | $(number "$(median find daos-on)") |"
}
