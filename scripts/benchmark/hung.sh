# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # sourced by scripts/bench
# The rest of the tree beside a file server that hangs: bindfs, stopped, with 64 programs that wait for it.

HUNG_ROWS=(create stat-cold open-read readdir-stat unlink)

measure_hung() {
    command -v bindfs >/dev/null || return 0
    say "beside a hung file server"
    mkdir "$W/served" "$W/mnt/server" "$W/data/hung"
    for i in $(seq 64); do echo "$i" >"$W/served/$i"; done
    bindfs -f -o attr_timeout=0,entry_timeout=0 "$W/served" "$W/mnt/server" &
    SERVER_PID=$!
    for _ in $(seq 50); do mountpoint -q "$W/mnt/server" && break; sleep 0.1; done
    slow=$("$FEDFS/fedfs" fsn create --nsdb "$NSDB")
    "$FEDFS/fedfs" fsl add "$slow" --path "$W/mnt/server" --host server --no-marker >/dev/null
    "$FEDFS/fedfs" junction create "$W/data/hung/server" "$slow" >&2
    HUNG_ENGINES=(kernel)
    [[ " ${ENGINES[*]} " != *" ring "* ]] || HUNG_ENGINES+=(ring)
    beside() { # alone or beside, ENGINE
        mkdir "$W/data/work"
        "$W/ops" "$(at "$2")/work" "$COUNT" 1 "${HUNG_ROWS[@]}" | sed "s/^/$1-/" | record "$2"
        rm -rf "$W/data/work"
    }
    for round in $(seq "$((ROUNDS * 2))"); do
        for engine in "${HUNG_ENGINES[@]}"; do
            cat "$(at "$engine")/hung/server/1" >/dev/null
            beside alone "$engine"
            kill -STOP "$SERVER_PID"
            for i in $(seq 64); do
                cat "$(at "$engine")/hung/server/$i" >/dev/null &
                STUCK+=($!)
            done
            sleep 0.5
            beside beside "$engine"
            thaw
        done
    done
    for engine in "${HUNG_ENGINES[@]}"; do umount "$(at "$engine")"; done
    umount "$W/mnt/server"
    for engine in "${HUNG_ENGINES[@]}"; do mount_fedfs "$engine" "$(at "$engine")"; done
    SERVER_PID=
    rm -rf "$W/data/hung" "$W/served"
}

print_hung() {
    [ -n "$(median beside-stat-cold kernel)" ] || return 0
    echo
    echo "| beside 64 programs that wait for a file server that hangs | unit | alone | beside | beside : alone |"
    echo "|---|---|---|---|---|"
    for engine in "${HUNG_ENGINES[@]}"; do
        for row in "${HUNG_ROWS[@]}"; do
            a=$(median "alone-$row" "$engine") b=$(median "beside-$row" "$engine")
            echo "| $row, $([ "$engine" = ring ] && echo io_uring || echo device) | us | $(number "$a") | $(number "$b") | $(cost "$b" "$a" us) |"
        done
    done
}
